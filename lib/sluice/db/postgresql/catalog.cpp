#include "sluice/db/catalog_reader.h"
#include "sluice/db/dialect.h"
#include "sluice/db/postgresql/catalog_attributes.h"
#include "sluice/db/postgresql/catalog_enums.h"
#include "sluice/db/postgresql/catalog_versions.h"
#include "sluice/db/session.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace sluice {

namespace {

using Json = nlohmann::json;

/// Tables under construction, by their oid.
using Tables = std::map<std::string, Table>;

std::string wanted(const Dialect& dialect, const std::vector<TableName>& tables)
{
    std::string condition;
    for (const TableName& table : tables) {
        condition += (condition.empty() ? " AND (" : " OR ") + std::string("(c.relname = ") +
                     dialect.literal(table.name) + " AND ";
        condition += table.schema.empty() ? std::string("pg_table_is_visible(c.oid))")
                                          : "n.nspname = " + dialect.literal(table.schema) + ")";
    }
    return condition.empty() ? condition : condition + ")";
}

TableKind kind_of(const std::string& relkind, bool is_partition)
{
    if (relkind == "v" || relkind == "m") {
        return TableKind::view;
    }
    if (relkind == "f") {
        return TableKind::foreign;
    }
    if (is_partition) {
        return TableKind::partition;
    }
    return relkind == "p" ? TableKind::partitioned : TableKind::plain;
}

Tables read_relations(Session& session, const std::vector<TableName>& tables)
{
    const Rows rows = session.query(
        "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition, "
        "greatest(c.reltuples, 0)::bigint, pg_get_partkeydef(c.oid), "
        "CASE WHEN c.relkind = 'p' THEN (SELECT json_agg(json_build_array(pn.nspname, p.relname) "
        "ORDER BY pn.nspname, p.relname) FROM pg_partition_tree(c.oid) AS tree "
        "JOIN pg_catalog.pg_class p ON p.oid = tree.relid "
        "JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace WHERE p.relkind = 'r') END "
        "FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname NOT LIKE 'pg\\_%' "
        "AND n.nspname NOT IN ('information_schema', 'sluice') AND n.oid <> ALL (ARRAY(" +
        std::string(postgresql::version_schemas) + "))" + wanted(session.dialect(), tables));
    Tables found;
    for (const Row& row : rows.rows) {
        Table table;
        table.name = {*row[1], *row[2]};
        table.kind = kind_of(*row[3], *row[4] == "t");
        table.estimated_rows = number_in(row[5]);
        table.partition_key = row[6].value_or("");
        for (const Json& partition : Json::parse(row[7].value_or("[]"))) {
            table.partitions.push_back(
                {partition.at(0).get<std::string>(), partition.at(1).get<std::string>()});
        }
        found.emplace(*row[0], std::move(table));
    }
    return found;
}

/// For `… = ANY (…)`.
std::string oids(const Tables& tables)
{
    std::string list;
    for (const auto& table : tables) {
        list += (list.empty() ? "" : ",") + table.first;
    }
    return "'{" + list + "}'::oid[]";
}

/// A name as a session finds it: with its schema where it is not in sight.
std::string seen_name(const std::string& kind, const std::string& oid, const std::string& schema,
                      const std::string& name)
{
    return "CASE WHEN pg_" + kind + "_is_visible(" + oid + ") THEN " + name + " ELSE " + schema +
           " || '.' || " + name + " END";
}

void read_columns(Session& session, Tables& tables)
{
    const Rows rows = session.query(
        "SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), t.typtype, "
        "a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid), "
        "CASE WHEN a.attcollation <> t.typcollation THEN " +
        seen_name("collation", "co.oid", "cn.nspname", "co.collname") +
        " END, col_description(a.attrelid, a.attnum) FROM pg_catalog.pg_attribute a "
        "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
        "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
        "LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation "
        "LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace "
        "WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = ANY (" +
        oids(tables) + ") ORDER BY a.attrelid, a.attnum");
    for (const Row& row : rows.rows) {
        Column column;
        column.name = *row[1];
        if (*row[3] == "b") {
            column.type = session.dialect().parse_type(*row[2]);
        } else {
            column.type.sql = *row[2];
            column.type.family = *row[3] == "e" ? TypeFamily::enumeration : TypeFamily::other;
        }
        column.nullable = *row[4] != "t";
        column.is_identity = !row[5]->empty();
        (row[6]->empty() ? column.default_sql : column.generated) = row[7];
        column.collation = row[8].value_or("");
        column.comment = row[9].value_or("");
        tables[*row[0]].columns.push_back(std::move(column));
    }
}

std::string text_in(const Json& object, const char* key)
{
    const Json& value = object.at(key);
    return value.is_null() ? std::string() : value.get<std::string>();
}

void add_parts(Index& index, const std::string& json)
{
    for (const Json& part : Json::parse(json)) {
        if (part.at("included").get<bool>()) {
            index.included.push_back(text_in(part, "column"));
            continue;
        }
        IndexPart made;
        made.column = text_in(part, "column");
        made.expression = text_in(part, "expression");
        made.descending = part.at("descending").get<bool>();
        made.nulls = text_in(part, "nulls");
        made.collation = text_in(part, "collation");
        made.opclass = text_in(part, "opclass");
        index.parts.push_back(std::move(made));
    }
}

/// Of the index `i`, as JSON, one object a column. Options and operator classes exist for the key's
/// columns only.
std::string index_parts_query()
{
    return "(SELECT json_agg(json_build_object('column', a.attname, 'expression', "
           "CASE WHEN i.indkey[k - 1] = 0 THEN pg_get_indexdef(i.indexrelid, k, true) END, "
           "'included', k > i.indnkeyatts, 'descending', i.indoption[k - 1] & 1 = 1, "
           "'nulls', CASE i.indoption[k - 1] WHEN 1 THEN 'LAST' WHEN 2 THEN 'FIRST' END, "
           "'collation', CASE WHEN i.indcollation[k - 1] <> coalesce(a.attcollation, "
           "ia.attcollation) THEN " +
           seen_name("collation", "co.oid", "cn.nspname", "co.collname") +
           " END, 'opclass', CASE WHEN NOT oc.opcdefault THEN " +
           seen_name("opclass", "oc.oid", "ocn.nspname", "oc.opcname") +
           " END) ORDER BY k) FROM generate_series(1, i.indnatts) k "
           "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid "
           "AND a.attnum = i.indkey[k - 1] AND i.indkey[k - 1] <> 0 "
           "LEFT JOIN pg_catalog.pg_attribute ia ON ia.attrelid = i.indexrelid AND ia.attnum = k "
           "LEFT JOIN pg_catalog.pg_collation co ON co.oid = i.indcollation[k - 1] "
           "LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace "
           "LEFT JOIN pg_catalog.pg_opclass oc ON oc.oid = i.indclass[k - 1] "
           "LEFT JOIN pg_catalog.pg_namespace ocn ON ocn.oid = oc.opcnamespace)";
}

void read_indexes(Session& session, Tables& tables)
{
    const bool has_nulls_not_distinct = session.dialect().server().version >= 150000;
    const Rows rows = session.query(
        "SELECT i.indrelid, ic.relname, i.indisunique, i.indisprimary, i.indisvalid, "
        "co.contype, " +
        std::string(has_nulls_not_distinct ? "i.indnullsnotdistinct" : "false") +
        ", am.amname, CASE WHEN co.contype = 'x' THEN pg_get_constraintdef(co.oid) "
        "ELSE pg_get_indexdef(i.indexrelid) END, pg_get_expr(i.indpred, i.indrelid), " +
        index_parts_query() +
        " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid "
        "JOIN pg_catalog.pg_am am ON am.oid = ic.relam "
        "LEFT JOIN pg_catalog.pg_constraint co ON co.conindid = i.indexrelid "
        "AND co.conrelid = i.indrelid AND co.contype IN ('p', 'u', 'x') "
        "WHERE i.indrelid = ANY (" +
        oids(tables) + ")");
    for (const Row& row : rows.rows) {
        Index index;
        index.name = *row[1];
        index.unique = *row[2] == "t";
        index.valid = *row[4] == "t";
        index.is_constraint = row[5].has_value();
        index.nulls_not_distinct = *row[6] == "t";
        index.method = *row[7];
        index.definition = *row[8];
        index.predicate = row[9].value_or("");
        add_parts(index, *row[10]);
        Table& table = tables[*row[0]];
        if (*row[3] != "t") {
            table.indexes.push_back(std::move(index));
            continue;
        }
        for (const IndexPart& part : index.parts) {
            table.primary_key.push_back(part.column);
        }
        table.key_index = std::move(index);
    }
}

std::vector<std::string> names_in_json(const Value& json)
{
    return json ? Json::parse(*json).get<std::vector<std::string>>() : std::vector<std::string>{};
}

std::string rule_of(const std::string& code)
{
    static const std::map<std::string, std::string, std::less<>> rules{
        {"a", ""}, {"r", "RESTRICT"}, {"c", "CASCADE"}, {"n", "SET NULL"}, {"d", "SET DEFAULT"}};
    const auto found = rules.find(code);
    return found == rules.end() ? code : found->second;
}

/// The names of the columns of `relation` that the constraint `co` lists in `numbers`, in order.
std::string column_names_query(const std::string& numbers, const std::string& relation)
{
    return "(SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(co." + numbers +
           ") WITH ORDINALITY u(attnum, n) JOIN pg_catalog.pg_attribute a ON a.attrelid = co." +
           relation + " AND a.attnum = u.attnum)";
}

void read_checks(Session& session, Tables& tables)
{
    const Rows rows = session.query(
        "SELECT co.conrelid, co.conname, '(' || pg_get_expr(co.conbin, co.conrelid) || ')', " +
        column_names_query("conkey", "conrelid") +
        ", co.connoinherit, NOT co.convalidated, obj_description(co.oid, 'pg_constraint') "
        "FROM pg_catalog.pg_constraint co WHERE co.contype = 'c' AND co.conrelid = ANY (" +
        oids(tables) + ")");
    for (const Row& row : rows.rows) {
        tables[*row[0]].checks.push_back({.name = *row[1],
                                          .expression = *row[2],
                                          .columns = names_in_json(row[3]),
                                          .no_inherit = row[4] == "t",
                                          .not_valid = row[5] == "t",
                                          .comment = row[6].value_or("")});
    }
}

/// The columns that ON DELETE SET NULL (…) names: servers from 15 on know them.
std::string cleared_columns(const Session& session)
{
    return session.dialect().server().version >= 150000
               ? column_names_query("confdelsetcols", "conrelid")
               : std::string("NULL");
}

void read_foreign_keys(Session& session, Tables& tables)
{
    const Rows rows = session.query(
        "SELECT co.conrelid, co.confrelid, co.conname, fn.nspname, f.relname, tn.nspname, "
        "t.relname, " +
        column_names_query("conkey", "conrelid") + ", " +
        column_names_query("confkey", "confrelid") + ", co.confupdtype, co.confdeltype, " +
        cleared_columns(session) +
        ", co.conparentid <> 0, NOT co.convalidated, concat_ws(' ', "
        "CASE WHEN co.confmatchtype = 'f' THEN 'MATCH FULL' END, "
        "CASE WHEN co.condeferrable THEN 'DEFERRABLE' END, "
        "CASE WHEN co.condeferred THEN 'INITIALLY DEFERRED' END), "
        "obj_description(co.oid, 'pg_constraint') "
        "FROM pg_catalog.pg_constraint co "
        "JOIN pg_catalog.pg_class f ON f.oid = co.conrelid "
        "JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace "
        "JOIN pg_catalog.pg_class t ON t.oid = co.confrelid "
        "JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace "
        "WHERE co.contype = 'f' AND (co.conrelid = ANY (" +
        oids(tables) + ") OR co.confrelid = ANY (" + oids(tables) + "))");
    for (const Row& row : rows.rows) {
        ForeignKey key;
        key.name = *row[2];
        key.columns = names_in_json(row[7]);
        key.referenced = {*row[5], *row[6]};
        key.referenced_columns = names_in_json(row[8]);
        key.on_update = rule_of(*row[9]);
        key.on_delete = rule_of(*row[10]);
        key.cleared = names_in_json(row[11]);
        key.not_valid = row[13] == "t";
        key.options = *row[14];
        key.comment = row[15].value_or("");
        ForeignKey back = key;
        back.referenced = {*row[3], *row[4]};
        std::swap(back.columns, back.referenced_columns);
        if (const auto from = tables.find(*row[0]); from != tables.end()) {
            from->second.foreign_keys.push_back(std::move(key));
        }
        const auto to = tables.find(*row[1]);
        if (to != tables.end() && *row[12] != "t") { // a partition's copy is its parent's
            to->second.referenced_by.push_back(std::move(back));
        }
    }
}

std::string events_of(std::int64_t type)
{
    std::string events;
    const auto add = [&events, type](std::int64_t bit, const char* name) {
        if ((type & bit) != 0) {
            events += (events.empty() ? "" : " OR ") + std::string(name);
        }
    };
    add(4, "INSERT");
    add(16, "UPDATE");
    add(8, "DELETE");
    add(32, "TRUNCATE");
    return events;
}

void read_triggers(Session& session, Tables& tables)
{
    const Rows rows = session.query(
        "SELECT t.tgrelid, t.tgname, t.tgtype, pg_get_triggerdef(t.oid) || E'\\n' || p.prosrc "
        "FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid "
        "WHERE NOT t.tgisinternal AND t.tgrelid = ANY (" +
        oids(tables) + ")");
    for (const Row& row : rows.rows) {
        const std::int64_t type = number_in(row[2]);
        const bool is_before = (type & 2) != 0;
        const bool is_instead = (type & 64) != 0;
        const char* timing = is_before ? "BEFORE" : (is_instead ? "INSTEAD OF" : "AFTER");
        tables[*row[0]].triggers.push_back({*row[1], timing, events_of(type), *row[3]});
    }
}

void read_views(Session& session, Tables& tables)
{
    const Rows rows = session.query(
        "SELECT u.refobjid, n.nspname, v.relname, pg_get_viewdef(v.oid), u.columns FROM "
        "(SELECT d.refobjid, r.ev_class, json_agg(DISTINCT a.attname) "
        "FILTER (WHERE a.attname IS NOT NULL) AS columns FROM pg_catalog.pg_depend d "
        "JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid "
        "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid "
        "AND a.attnum = d.refobjsubid AND d.refobjsubid > 0 "
        "WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass "
        "AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> r.ev_class "
        "AND d.refobjid = ANY (" +
        oids(tables) +
        ") GROUP BY d.refobjid, r.ev_class) u "
        "JOIN pg_catalog.pg_class v ON v.oid = u.ev_class AND v.relkind IN ('v', 'm') "
        "JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace WHERE n.oid <> ALL (ARRAY(" +
        std::string(postgresql::version_schemas) + "))");
    for (const Row& row : rows.rows) {
        tables[*row[0]].views.push_back({{*row[1], *row[2]}, *row[3], names_in_json(row[4])});
    }
}

std::vector<std::string> read_search_path(Session& session)
{
    return names_in_json(session.query("SELECT to_json(current_schemas(false))")[0][0]);
}

} // namespace

Catalog read_postgresql_catalog(Session& session, const std::vector<TableName>& tables)
{
    Catalog catalog;
    catalog.search_path = read_search_path(session);
    if (tables.empty()) {
        postgresql::read_schemas(session, catalog);
        catalog.enums = postgresql::read_enums(session);
    }
    Tables found = read_relations(session, tables);
    if (found.empty()) {
        return catalog;
    }
    read_columns(session, found);
    read_indexes(session, found);
    read_checks(session, found);
    read_foreign_keys(session, found);
    read_triggers(session, found);
    read_views(session, found);
    postgresql::read_attributes(session, found);
    for (auto& table : found) {
        sort_by_name(table.second);
        catalog.tables.push_back(std::move(table.second));
    }
    std::sort(catalog.tables.begin(), catalog.tables.end(),
              [](const Table& a, const Table& b) { return a.name < b.name; });
    return catalog;
}

} // namespace sluice
