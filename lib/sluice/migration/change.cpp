#include "sluice/migration/change.h"

#include <fmt/core.h>

namespace sluice {

namespace {

template <class> struct Kinds;

template <class... Kind> struct Kinds<std::variant<Kind...>> {
    static std::vector<std::string> names() { return {Kind::kind...}; }
};

} // namespace

std::optional<std::string> EngineText::text_for(Engine engine, bool is_mariadb) const
{
    if (by_engine.empty()) {
        return all;
    }
    if (engine == Engine::mysql && is_mariadb) {
        if (const auto own = by_engine.find("mariadb"); own != by_engine.end()) {
            return own->second;
        }
    }
    const auto found = by_engine.find(std::string(name_of(engine)));
    return found == by_engine.end() ? std::nullopt : std::optional(found->second);
}

std::string Location::display() const
{
    return line == 0 ? file : fmt::format("{}:{}:{}", file, line, column);
}

const std::vector<std::string>& change_kinds()
{
    static const std::vector<std::string> kinds = Kinds<ChangeKind>::names();
    return kinds;
}

std::string kind_name(const Change& change)
{
    return std::visit([](const auto& kind) { return std::string(kind.kind); }, change.kind);
}

const TableName& table_of(const Change& change)
{
    return std::visit([](const auto& kind) -> const TableName& { return kind.table; }, change.kind);
}

} // namespace sluice
