// An action as one line of JSON. The record in the database outlives the program that wrote it, so
// every member is written by name, absent members read as their defaults, and unknown ones are
// passed over.

#include "sluice/core/error.h"
#include "sluice/plan/action.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace sluice {
namespace {

using Json = nlohmann::ordered_json;

template <class Enum> struct EnumName {
    Enum value;
    std::string_view name;
};

constexpr std::array phases{
    EnumName<Phase>{Phase::expand, "expand"}, EnumName<Phase>{Phase::migrate, "migrate"},
    EnumName<Phase>{Phase::contract, "contract"}, EnumName<Phase>{Phase::purge, "purge"}};

constexpr std::array modes{EnumName<Mode>{Mode::atomic, "atomic"},
                           EnumName<Mode>{Mode::standalone, "standalone"},
                           EnumName<Mode>{Mode::locked, "locked"}};

constexpr std::array backfill_kinds{EnumName<BackfillKind>{BackfillKind::set, "set"},
                                    EnumName<BackfillKind>{BackfillKind::into, "into"},
                                    EnumName<BackfillKind>{BackfillKind::remove, "remove"}};

constexpr std::array families{EnumName<TypeFamily>{TypeFamily::boolean, "boolean"},
                              EnumName<TypeFamily>{TypeFamily::integer, "integer"},
                              EnumName<TypeFamily>{TypeFamily::decimal, "decimal"},
                              EnumName<TypeFamily>{TypeFamily::floating, "floating"},
                              EnumName<TypeFamily>{TypeFamily::text, "text"},
                              EnumName<TypeFamily>{TypeFamily::bytes, "bytes"},
                              EnumName<TypeFamily>{TypeFamily::date, "date"},
                              EnumName<TypeFamily>{TypeFamily::time, "time"},
                              EnumName<TypeFamily>{TypeFamily::timestamp, "timestamp"},
                              EnumName<TypeFamily>{TypeFamily::timestamp_tz, "timestamp_tz"},
                              EnumName<TypeFamily>{TypeFamily::interval, "interval"},
                              EnumName<TypeFamily>{TypeFamily::uuid, "uuid"},
                              EnumName<TypeFamily>{TypeFamily::json, "json"},
                              EnumName<TypeFamily>{TypeFamily::enumeration, "enumeration"},
                              EnumName<TypeFamily>{TypeFamily::bits, "bits"},
                              EnumName<TypeFamily>{TypeFamily::other, "other"}};

template <class Enum, std::size_t size>
std::string word(const std::array<EnumName<Enum>, size>& names, Enum value)
{
    for (const EnumName<Enum>& entry : names) {
        if (entry.value == value) {
            return std::string(entry.name);
        }
    }
    throw Error(ErrorKind::internal, "a value without a name in a recorded action");
}

template <class Enum, std::size_t size>
Enum value(const std::array<EnumName<Enum>, size>& names, const std::string& name)
{
    for (const EnumName<Enum>& entry : names) {
        if (entry.name == name) {
            return entry.value;
        }
    }
    throw Error(ErrorKind::internal, fmt::format("unknown word \"{}\" in a recorded action", name));
}

template <class T> Json optional_json(const std::optional<T>& value)
{
    return value ? Json(*value) : Json(nullptr);
}

template <class T> std::optional<T> optional_at(const Json& json, const char* name)
{
    const auto found = json.find(name);
    if (found == json.end() || found->is_null()) {
        return std::nullopt;
    }
    return found->get<T>();
}

Json table_json(const TableName& table)
{
    return Json{{"schema", table.schema}, {"name", table.name}};
}

TableName table_from(const Json& json)
{
    return {.schema = json.value("schema", ""), .name = json.value("name", "")};
}

Json tables_json(const std::vector<TableName>& tables)
{
    Json list = Json::array();
    for (const TableName& table : tables) {
        list.push_back(table_json(table));
    }
    return list;
}

std::vector<TableName> tables_from(const Json& list)
{
    std::vector<TableName> tables;
    for (const Json& table : list) {
        tables.push_back(table_from(table));
    }
    return tables;
}

Json type_json(const Type& type)
{
    return Json{{"sql", type.sql},
                {"family", word(families, type.family)},
                {"bits", type.bits},
                {"unsigned", type.is_unsigned},
                {"length", optional_json(type.length)},
                {"precision", optional_json(type.precision)},
                {"scale", optional_json(type.scale)}};
}

Type type_from(const Json& json)
{
    return {.sql = json.value("sql", ""),
            .family = value(families, json.value("family", "other")),
            .bits = json.value("bits", 0),
            .is_unsigned = json.value("unsigned", false),
            .length = optional_at<std::int64_t>(json, "length"),
            .precision = optional_at<int>(json, "precision"),
            .scale = optional_at<int>(json, "scale")};
}

Json column_json(const Column& column)
{
    return Json{{"name", column.name},
                {"type", type_json(column.type)},
                {"nullable", column.nullable},
                {"default", optional_json(column.default_sql)},
                {"identity", column.is_identity},
                {"generated", optional_json(column.generated)},
                {"collation", column.collation},
                {"charset", column.charset},
                {"on_update_now", column.on_update_now},
                {"comment", column.comment}};
}

Column column_from(const Json& json)
{
    return {.name = json.value("name", ""),
            .type = type_from(json.at("type")),
            .nullable = json.value("nullable", true),
            .default_sql = optional_at<std::string>(json, "default"),
            .is_identity = json.value("identity", false),
            .generated = optional_at<std::string>(json, "generated"),
            .collation = json.value("collation", ""),
            .charset = json.value("charset", ""),
            .on_update_now = json.value("on_update_now", false),
            .comment = json.value("comment", "")};
}

Json columns_json(const std::vector<Column>& columns)
{
    Json list = Json::array();
    for (const Column& column : columns) {
        list.push_back(column_json(column));
    }
    return list;
}

std::vector<Column> columns_from(const Json& list)
{
    std::vector<Column> columns;
    for (const Json& column : list) {
        columns.push_back(column_from(column));
    }
    return columns;
}

Json schema_json(const SchemaWork& work)
{
    Json steps = Json::array();
    for (const Step& step : work.steps) {
        steps.push_back(
            Json{{"sql", step.sql}, {"done", step.done}, {"repeatable", step.is_repeatable}});
    }
    return Json{{"mode", word(modes, work.mode)}, {"steps", steps}};
}

SchemaWork schema_from(const Json& json)
{
    SchemaWork work{.mode = value(modes, json.value("mode", "atomic")), .steps = {}};
    for (const Json& step : json.at("steps")) {
        work.steps.push_back({.sql = step.value("sql", ""),
                              .done = step.value("done", ""),
                              .is_repeatable = step.value("repeatable", false)});
    }
    return work;
}

Json backfill_json(const BackfillWork& work)
{
    return Json{{"kind", word(backfill_kinds, work.kind)},
                {"table", table_json(work.table)},
                {"key", columns_json(work.key)},
                {"set", work.set},
                {"into", work.into ? table_json(*work.into) : Json(nullptr)},
                {"into_key", work.into_key},
                {"needs_work", work.needs_work},
                {"once", work.once}};
}

BackfillWork backfill_from(const Json& json)
{
    BackfillWork work{.kind = value(backfill_kinds, json.value("kind", "set")),
                      .table = table_from(json.at("table")),
                      .key = columns_from(json.at("key")),
                      .set = json.at("set").get<std::vector<std::pair<std::string, std::string>>>(),
                      .into = {},
                      .into_key = json.at("into_key").get<std::vector<std::string>>(),
                      .needs_work = json.value("needs_work", ""),
                      .once = json.value("once", false)};
    if (json.contains("into") && !json.at("into").is_null()) {
        work.into = table_from(json.at("into"));
    }
    return work;
}

Json verify_json(const VerifyWork& work)
{
    return Json{{"table", table_json(work.table)},
                {"key", columns_json(work.key)},
                {"expect", work.expect},
                {"about", work.about}};
}

VerifyWork verify_from(const Json& json)
{
    return {.table = table_from(json.at("table")),
            .key = columns_from(json.at("key")),
            .expect = json.value("expect", ""),
            .about = json.value("about", "")};
}

void write_work(Json& json, const Work& work)
{
    if (const auto* schema = std::get_if<SchemaWork>(&work)) {
        json["schema"] = schema_json(*schema);
    } else if (const auto* backfill = std::get_if<BackfillWork>(&work)) {
        json["backfill"] = backfill_json(*backfill);
    } else {
        json["verify"] = verify_json(std::get<VerifyWork>(work));
    }
}

Work read_work(const Json& json)
{
    if (json.contains("schema")) {
        return schema_from(json.at("schema"));
    }
    if (json.contains("backfill")) {
        return backfill_from(json.at("backfill"));
    }
    return verify_from(json.at("verify"));
}

} // namespace

std::string to_json(const Action& action)
{
    Json json{{"ordinal", action.ordinal},
              {"phase", word(phases, action.phase)},
              {"summary", action.summary},
              {"reason", action.reason},
              {"lock", action.lock}};
    write_work(json, action.work);
    json["undo"] = action.undo ? schema_json(*action.undo) : Json(nullptr);
    json["irreversible"] = action.irreversible;
    json["tables"] = tables_json(action.tables);
    json["serves_way_back"] = action.serves_way_back;
    try {
        return json.dump();
    } catch (const nlohmann::json::exception&) {
        throw Error(ErrorKind::refused,
                    fmt::format("\"{}\" cannot be recorded, because its text is not UTF-8",
                                action.summary));
    }
}

Action action_from_json(std::string_view text)
{
    try {
        const Json json = Json::parse(text);
        Action action{.ordinal = json.at("ordinal").get<int>(),
                      .phase = value(phases, json.at("phase").get<std::string>()),
                      .summary = json.value("summary", ""),
                      .reason = json.value("reason", ""),
                      .lock = json.value("lock", ""),
                      .work = read_work(json),
                      .undo = {},
                      .irreversible = json.value("irreversible", false),
                      .tables = tables_from(json.at("tables")),
                      .serves_way_back = json.value("serves_way_back", false)};
        if (json.contains("undo") && !json.at("undo").is_null()) {
            action.undo = schema_from(json.at("undo"));
        }
        return action;
    } catch (const nlohmann::json::exception& error) {
        throw Error(ErrorKind::internal,
                    fmt::format("a recorded action cannot be read: {}", error.what()));
    }
}

} // namespace sluice
