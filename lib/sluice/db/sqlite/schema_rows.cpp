#include "sluice/db/sqlite/schema_rows.h"

#include "sluice/db/catalog_reader.h"
#include "sluice/db/dialect.h"
#include "sluice/db/sql_text.h"

#include <algorithm>
#include <set>

namespace sluice::sqlite {

namespace {

using Names = std::set<std::string>; ///< in lower case

std::string list_of(const Dialect& dialect, const Names& names)
{
    std::string list;
    for (const std::string& name : names) {
        list += (list.empty() ? "" : ", ") + dialect.literal(name);
    }
    return "(" + list + ")";
}

std::vector<SchemaRow> select_rows(Session& session, const std::string& condition)
{
    std::vector<SchemaRow> found;
    const Rows rows = session.query("SELECT type, name, tbl_name, sql FROM main.sqlite_schema" +
                                    (condition.empty() ? "" : " WHERE " + condition));
    for (const Row& row : rows.rows) {
        found.push_back({*row[0], *row[1], *row[2], row[3].value_or("")});
    }
    return found;
}

/// A table that was read only because it refers to some other.
bool is_far(const SchemaRow& row, const Names& asked)
{
    if (row.type != "table" || row.name == "sqlite_stat1" ||
        asked.count(lower_case(row.table)) > 0) {
        return false;
    }
    const MentionedNames names(row.sql, Engine::sqlite);
    return std::none_of(asked.begin(), asked.end(),
                        [&names](const std::string& name) { return names.contains(name); });
}

Names parents_of(Session& session, const Names& asked, const std::vector<SchemaRow>& rows)
{
    Names parents;
    const bool refer = std::any_of(rows.begin(), rows.end(), [&asked](const SchemaRow& row) {
        return row.type == "table" && asked.count(lower_case(row.name)) > 0 &&
               lower_case(row.sql).find("references") != std::string::npos;
    });
    if (refer) {
        const Rows found =
            session.query("SELECT f.\"table\" FROM " + tables_of(session.dialect(), rows) +
                          " m JOIN pragma_foreign_key_list(m.name, 'main') f");
        for (const Row& row : found.rows) {
            parents.insert(lower_case(row[0].value_or("")));
        }
    }
    for (const SchemaRow& row : rows) {
        parents.erase(lower_case(row.name));
    }
    return parents;
}

} // namespace

std::vector<SchemaRow> read_schema(Session& session, const std::vector<TableName>& tables)
{
    if (tables.empty()) {
        return select_rows(session, "");
    }
    Names asked;
    for (const TableName& table : tables) {
        asked.insert(lower_case(table.name));
    }
    const Dialect& dialect = session.dialect();
    std::vector<SchemaRow> rows = select_rows(
        session, "tbl_name COLLATE NOCASE IN " + list_of(dialect, asked) +
                     " OR type = 'view' OR name = 'sqlite_stat1' OR (type = 'table' AND sql LIKE "
                     "'%references%')");
    rows.erase(std::remove_if(rows.begin(), rows.end(),
                              [&asked](const SchemaRow& row) { return is_far(row, asked); }),
               rows.end());
    if (const Names parents = parents_of(session, asked, rows); !parents.empty()) {
        const std::vector<SchemaRow> more = select_rows(
            session, "type = 'table' AND name COLLATE NOCASE IN " + list_of(dialect, parents));
        rows.insert(rows.end(), more.begin(), more.end());
    }
    return rows;
}

std::string tables_of(const Dialect& dialect, const std::vector<SchemaRow>& rows)
{
    std::string values;
    for (const SchemaRow& row : rows) {
        if (row.type == "table" || row.type == "view") {
            values += (values.empty() ? "(" : ", (") + dialect.literal(row.type) + ", " +
                      dialect.literal(row.name) + ")";
        }
    }
    return values.empty()
               ? "(SELECT '' AS type, '' AS name WHERE 0)"
               : "(SELECT column1 AS type, column2 AS name FROM (VALUES " + values + "))";
}

} // namespace sluice::sqlite
