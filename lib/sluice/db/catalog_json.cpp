#include "sluice/db/catalog_json.h"

#include "sluice/core/error.h"
#include "sluice/db/catalog_fields.h"
#include "sluice/db/catalog_reader.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <type_traits>

namespace sluice {

namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 16> families{
    "boolean",   "integer",      "decimal",  "floating", "text", "bytes",       "date", "time",
    "timestamp", "timestamp_tz", "interval", "uuid",     "json", "enumeration", "bits", "other"};

constexpr std::array<std::string_view, 7> kinds{"plain",   "partitioned", "partition", "temporary",
                                                "foreign", "virtual",     "view"};

template <std::size_t N, class Enum>
std::string name_in(const std::array<std::string_view, N>& names, Enum value)
{
    return std::string(names.at(static_cast<std::size_t>(value)));
}

template <class Enum, std::size_t N>
Enum value_of(const std::array<std::string_view, N>& names, const std::string& name)
{
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
        throw Error(ErrorKind::internal, "unknown word \"" + name + "\" in a recorded table");
    }
    return static_cast<Enum>(found - names.begin());
}

class Writer {
public:
    template <class T> void operator()(const char* name, const T& value)
    {
        Json json = written(value);
        const bool is_empty = json.is_null() || json == Json("") || json == Json(false) ||
                              json == Json(0) || (json.is_structured() && json.empty());
        if (!is_empty) {
            object_[name] = std::move(json);
        }
    }

    template <class T> static Json object(T value)
    {
        Writer writer;
        fields_of(writer, value);
        return std::move(writer.object_);
    }

private:
    static Json written(TypeFamily family) { return name_in(families, family); }

    static Json written(TableKind kind) { return name_in(kinds, kind); }

    template <class T> static Json written(const std::optional<T>& value)
    {
        return value ? Json(*value) : Json();
    }

    template <class T> static Json written(const std::vector<T>& list)
    {
        Json array = Json::array();
        for (const T& item : list) {
            array.push_back(written(item));
        }
        return array;
    }

    /// One without a name is none.
    static Json written(const Index& index) { return index.name.empty() ? Json() : object(index); }

    template <class T> static Json written(const T& value)
    {
        if constexpr (std::is_constructible_v<Json, const T&>) {
            return Json(value);
        } else {
            return object(value);
        }
    }

    Json object_ = Json::object();
};

class Reader {
public:
    explicit Reader(const Json& json) : object_(json.get_ref<const Json::object_t&>()) {}

    template <class T> void operator()(const char* name, T& value) const
    {
        const auto found = object_.find(name);
        value = found == object_.end() ? T{} : read<T>(found->second);
    }

private:
    template <class T> struct ListOf {
        static constexpr bool is_list = false;
    };

    template <class T> struct ListOf<std::vector<T>> {
        static constexpr bool is_list = true;
        using Item = T;
    };

    template <class T> struct Inner {
        using Type = T;
    };

    template <class T> struct Inner<std::optional<T>> {
        using Type = T;
    };

    template <class T> static T read(const Json& json)
    {
        if constexpr (std::is_same_v<T, TypeFamily>) {
            return value_of<TypeFamily>(families, json.get<std::string>());
        } else if constexpr (std::is_same_v<T, TableKind>) {
            return value_of<TableKind>(kinds, json.get<std::string>());
        } else if constexpr (ListOf<T>::is_list) {
            T list;
            for (const Json& item : json.get_ref<const Json::array_t&>()) {
                list.push_back(read<typename ListOf<T>::Item>(item));
            }
            return list;
        } else if constexpr (std::is_constructible_v<Json, typename Inner<T>::Type>) {
            return json.get<typename Inner<T>::Type>();
        } else {
            T value;
            Reader reader(json);
            fields_of(reader, value);
            return value;
        }
    }

    const Json::object_t& object_;
};

} // namespace

std::string to_json(const Table& table)
{
    Table sorted = table;
    sort_by_name(sorted);
    // A name that is not UTF-8 (SQLite takes any bytes) must not stop anything.
    return Writer::object(std::move(sorted)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Table table_from_json(std::string_view json)
{
    try {
        const Json parsed = Json::parse(json);
        Reader reader(parsed);
        Table table;
        fields_of(reader, table);
        return table;
    } catch (const Json::exception& error) {
        throw Error(ErrorKind::internal,
                    "a recorded table cannot be read: " + std::string(error.what()));
    }
}

} // namespace sluice
