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

template <class Part> std::string inline_keys(const Part& part);

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

    void operator()(const char* key,
                    const std::vector<std::pair<std::string, EngineText>>& /*by name*/) const
    {
        keys.push_back({key, ""}); // no statement gives the way back
    }

    template <class Part> void operator()(const char* key, const std::vector<Part>& value) const
    {
        std::string text;
        for (const Part& part : value) {
            text += "  { " + inline_keys(part) + " },\n";
        }
        keys.push_back({key, text.empty() ? "" : "[\n" + text + "]"});
    }

    /// What no statement gives is left as it would be anyway.
    template <class Value> void operator()(const char* key, const Value& /*value*/) const
    {
        keys.push_back({key, ""});
    }
};

/// Those that are not as they would be anyway.
template <class Kind> std::vector<WrittenKey> keys_of(const Kind& change)
{
    std::vector<WrittenKey> usual;
    std::vector<WrittenKey> keys;
    const Kind as_usual;
    Kind::each_key(as_usual, WriteKey{usual});
    Kind::each_key(change, WriteKey{keys});
    std::erase_if(keys, [&usual](const WrittenKey& key) {
        return key.value.empty() || std::find(usual.begin(), usual.end(), key) != usual.end();
    });
    return keys;
}

template <class Part> std::string inline_keys(const Part& part)
{
    std::string text;
    for (const WrittenKey& key : keys_of(part)) {
        text += (text.empty() ? "" : ", ") + key.key + " = " + key.value;
    }
    return text;
}

} // namespace

std::string change_toml(const ChangeKind& change)
{
    return std::visit(
        [](const auto& kind) {
            using Kind = std::decay_t<decltype(kind)>;
            const std::vector<WrittenKey> keys = keys_of(kind);
            std::size_t width = 4;
            for (const WrittenKey& key : keys) {
                width = std::max(width, key.key.size());
            }
            std::string text = "[[change]]\n" +
                               fmt::format("{:<{}} = {}\n", "kind", width, toml_string(Kind::kind));
            for (const WrittenKey& key : keys) {
                text += fmt::format("{:<{}} = {}\n", key.key, width, key.value);
            }
            return text;
        },
        change);
}

} // namespace sluice
