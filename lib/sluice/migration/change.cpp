#include "sluice/migration/change.h"

#include <fmt/core.h>

namespace sluice {

namespace {

struct Name {
    std::string operator()(const AddColumnChange&) const { return "add_column"; }

    std::string operator()(const RenameColumnChange&) const { return "rename_column"; }

    std::string operator()(const ChangeColumnChange&) const { return "change_column"; }

    std::string operator()(const DropColumnChange&) const { return "drop_column"; }
};

struct TableOf {
    template <class Kind> const TableName& operator()(const Kind& kind) const { return kind.table; }
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
    static const std::vector<std::string> kinds{"add_column", "rename_column", "change_column",
                                                "drop_column"};
    return kinds;
}

std::string kind_name(const Change& change)
{
    return std::visit(Name{}, change.kind);
}

const TableName& table_of(const Change& change)
{
    return std::visit(TableOf{}, change.kind);
}

} // namespace sluice
