#include "sluice/db/sqlite/nearby_tables.h"

#include "sluice/db/dialect.h"
#include "sluice/db/sql_text.h"

#include <set>

namespace sluice::sqlite {

namespace {

std::string list_of(const Dialect& dialect, const std::set<std::string>& names)
{
    std::string list;
    for (const std::string& name : names) {
        list += (list.empty() ? "" : ", ") + dialect.literal(name);
    }
    return "(" + list + ")";
}

void add_names(std::set<std::string>& names, const Rows& rows)
{
    for (const Row& row : rows.rows) {
        names.insert(row[0].value_or(""));
    }
}

} // namespace

std::string nearby_schema(Session& session, const std::vector<TableName>& tables)
{
    if (tables.empty()) {
        return "main.sqlite_schema";
    }
    const Dialect& dialect = session.dialect();
    std::set<std::string> names;
    std::string mentioned;
    for (const TableName& table : tables) {
        names.insert(lower_case(table.name));
        mentioned += (mentioned.empty() ? "" : " OR ") + std::string("instr(lower(sql), ") +
                     dialect.literal(lower_case(table.name)) + ") > 0";
    }
    const std::string asked = list_of(dialect, names);
    add_names(names,
              session.query("SELECT lower(name) FROM main.sqlite_schema WHERE type = 'table' "
                            "AND instr(lower(sql), 'references') > 0 AND (" +
                            mentioned + ")"));
    add_names(names,
              session.query("SELECT DISTINCT lower(f.\"table\") FROM main.sqlite_schema m JOIN "
                            "pragma_foreign_key_list(m.name, 'main') f WHERE m.type = 'table' AND "
                            "lower(m.name) IN " +
                            asked));
    return "(SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE type = 'view' OR name "
           "= 'sqlite_stat1' OR lower(tbl_name) IN " +
           list_of(dialect, names) + ")";
}

} // namespace sluice::sqlite
