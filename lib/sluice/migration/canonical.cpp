#include "sluice/migration/parts.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace sluice {

namespace {

using Json = nlohmann::ordered_json;

/// Unlike display(), never the same for two names.
Json json(const TableName& table)
{
    if (table.schema.empty()) {
        return table.name;
    }
    return Json::array({table.schema, table.name});
}

Json json(const EngineText& text)
{
    if (text.by_engine.empty()) {
        return text.all;
    }
    return text.by_engine;
}

void put(Json& object, const char* key, const std::optional<EngineText>& text)
{
    if (text) {
        object[key] = json(*text);
    }
}

void put(Json& object, const char* key, const std::optional<bool>& flag)
{
    if (flag) {
        object[key] = *flag;
    }
}

void put(Json& object, const char* key, const TableName& table)
{
    object[key] = json(table);
}

void put(Json& object, const char* key, const EngineText& text)
{
    object[key] = json(text);
}

void put(Json& object, const char* key, const std::string& name)
{
    object[key] = name;
}

void put(Json& object, const char* key, const std::optional<std::string>& line)
{
    if (line) {
        object[key] = *line;
    }
}

void put(Json& object, const char* key, bool flag)
{
    object[key] = flag;
}

void put(Json& object, const char* key, const std::vector<std::string>& names)
{
    if (!names.empty()) {
        object[key] = names;
    }
}

void put(Json& object, const char* key, const std::vector<EngineText>& texts)
{
    for (const EngineText& text : texts) {
        object[key].push_back(json(text));
    }
}

void put(Json& object, const char* key,
         const std::vector<std::pair<std::string, EngineText>>& assignments)
{
    for (const auto& [column, expression] : assignments) {
        object[key].push_back(Json::array({column, json(expression)}));
    }
}

template <class Part> Json json_of(const Part& part);

void put(Json& object, const char* key, const IntoColumn& part)
{
    object[key] = json_of(part);
}

/// A list of parts, each with keys of its own.
template <class Part> void put(Json& object, const char* key, const std::vector<Part>& parts)
{
    for (const Part& part : parts) {
        object[key].push_back(json_of(part));
    }
}

template <class Part> Json json_of(const Part& part)
{
    Json out = Json::object();
    Part::each_key(part, [&out](const char* name, const auto& value) { put(out, name, value); });
    return out;
}

Json json(const Change& change)
{
    Json out{{"kind", kind_name(change)}};
    std::visit(
        [&out](const auto& kind) {
            kind.each_key(kind,
                          [&out](const char* key, const auto& value) { put(out, key, value); });
        },
        change.kind);
    return out;
}

Json json(const SqlStep& step)
{
    Json out{{"sql", json(step.sql)}};
    put(out, "undo", step.undo);
    if (step.irreversible) {
        out["undo"] = false;
    }
    put(out, "done", step.done);
    return out;
}

Json json(const BackfillStep& step)
{
    Json out{{"table", json(step.table)}};
    if (!step.key.empty()) {
        out["key"] = step.key;
    }
    if (step.kind == BackfillKind::remove) {
        out["delete"] = true;
    }
    // A list, because MySQL evaluates assignments from left to right: their order has a meaning.
    for (const auto& [column, expression] : step.set) {
        out["set"].push_back(Json::array({column, json(expression)}));
    }
    if (step.into) {
        out["into"] = json(*step.into);
    }
    put(out, "where", step.where);
    if (step.once) {
        out["once"] = true;
    }
    return out;
}

Json json(const VerifyStep& step)
{
    Json out{{"table", json(step.table)}};
    if (!step.key.empty()) {
        out["key"] = step.key;
    }
    out["expect"] = json(step.expect);
    return out;
}

template <class Part> void put_list(Json& out, const char* key, const std::vector<Part>& parts)
{
    for (const Part& part : parts) {
        out[key].push_back(json(part));
    }
}

} // namespace

std::string canonical_definition(const Migration& migration)
{
    Json out = Json::object();
    put_list(out, "change", migration.changes);
    put_list(out, "expand", migration.expand);
    put_list(out, "backfill", migration.backfills);
    put_list(out, "verify", migration.verifications);
    put_list(out, "contract", migration.contract);
    if (migration.views) {
        out["views"] = true;
    }
    return out.dump();
}

std::string definition_hash(std::string_view definition)
{
    const XXH128_hash_t hash = XXH3_128bits(definition.data(), definition.size());
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

} // namespace sluice
