#include "sluice/migration/from_sql/change_toml.h"

#include "sluice/migration/toml_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace sluice {

namespace {

struct WrittenKey {
    std::string key;
    std::string value; ///< empty: absent

    friend bool operator==(const WrittenKey&, const WrittenKey&) = default;
};

/// A part that holds a dot or a quote stands in quotes, as parse_table_name reads it.
std::string name_part(const std::string& name)
{
    if (name.find_first_of(".\"") == std::string::npos) {
        return name;
    }
    std::string quoted = "\"";
    for (const char c : name) {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + "\"";
}

std::string name_text(const TableName& table)
{
    return (table.schema.empty() ? "" : name_part(table.schema) + ".") + name_part(table.name);
}

/// Writes each key's value, as TOML.
struct WriteKey {
    std::vector<WrittenKey>& keys;

    void operator()(const char* key, const TableName& value) const
    {
        keys.push_back({key, toml_string(name_text(value))});
    }

    void operator()(const char* key, const std::string& value) const
    {
        keys.push_back({key, toml_string(value)});
    }

    void operator()(const char* key, const EngineText& value) const
    {
        keys.push_back({key, toml_block(value.all)});
    }

    void operator()(const char* key, bool value) const
    {
        keys.push_back({key, value ? "true" : "false"});
    }

    void operator()(const char* key, const std::vector<std::string>& value) const
    {
        keys.push_back({key, value.empty() ? "" : toml_list(value)});
    }

    void operator()(const char* key, const std::vector<EngineText>& value) const
    {
        std::vector<std::string> texts;
        std::transform(value.begin(), value.end(), std::back_inserter(texts),
                       [](const EngineText& text) { return text.all; });
        (*this)(key, texts);
    }

    template <class Value> void operator()(const char* key, const std::optional<Value>& value) const
    {
        if (value) {
            (*this)(key, *value);
        } else {
            keys.push_back({key, ""});
        }
    }

    /// What no statement gives is left as it would be anyway.
    template <class Value> void operator()(const char* key, const Value& /*value*/) const
    {
        keys.push_back({key, ""});
    }
};

template <class Kind> std::vector<WrittenKey> keys_of(const Kind& change)
{
    std::vector<WrittenKey> keys;
    Kind::each_key(change, WriteKey{keys});
    return keys;
}

} // namespace

std::string change_toml(const ChangeKind& change)
{
    return std::visit(
        [](const auto& kind) {
            using Kind = std::decay_t<decltype(kind)>;
            const std::vector<WrittenKey> usual = keys_of(Kind{});
            const std::vector<WrittenKey> keys = keys_of(kind);
            std::size_t width = 4;
            for (const WrittenKey& key : keys) {
                width = std::max(width, key.key.size());
            }
            std::string text = "[[change]]\n" +
                               fmt::format("{:<{}} = {}\n", "kind", width, toml_string(Kind::kind));
            for (std::size_t n = 0; n < keys.size(); ++n) {
                if (!(keys[n] == usual[n]) && !keys[n].value.empty()) {
                    text += fmt::format("{:<{}} = {}\n", keys[n].key, width, keys[n].value);
                }
            }
            return text;
        },
        change);
}

} // namespace sluice
