#include "sluice/db/sqlite/rebuild_sql.h"

namespace sluice::sqlite {

namespace {

std::string columns_of(const SqliteDialect& dialect, const Index& unique)
{
    std::string list;
    for (const IndexPart& part : unique.parts) {
        list += (list.empty() ? "" : ", ") + dialect.quote(part.column);
    }
    return list;
}

/// With what the definition says besides the names of the columns.
std::string parts_of(const SqliteDialect& dialect, const Index& unique)
{
    std::string list;
    for (const IndexPart& part : unique.parts) {
        list += (list.empty() ? "" : ", ") + dialect.quote(part.column);
        list += part.collation.empty() ? "" : " COLLATE " + dialect.quote(part.collation);
        list += part.descending ? " DESC" : "";
    }
    return list;
}

/// The catalog says of one that stands behind its column so much and no more.
bool is_of_column(const Index& unique)
{
    return unique.definition == "UNIQUE";
}

} // namespace

TableEdit without_constraint(const SqliteDialect& dialect, const Index& unique)
{
    return {"drop unique", columns_of(dialect, unique), ""};
}

TableEdit with_constraint(const SqliteDialect& dialect, const Index& unique)
{
    std::string text =
        unique.known_as.empty() ? "" : "CONSTRAINT " + dialect.quote(unique.known_as) + " ";
    text += is_of_column(unique) ? "UNIQUE" : "UNIQUE (" + parts_of(dialect, unique) + ")";
    text += unique.options.empty() ? "" : " " + unique.options;
    return is_of_column(unique) ? TableEdit{"add column unique", columns_of(dialect, unique), text}
                                : TableEdit{"add unique", unique.name, text};
}

TableEdit with_constraint_moved(const SqliteDialect& dialect, const Index& from, const Index& to)
{
    return {"move unique", columns_of(dialect, from), columns_of(dialect, to)};
}

std::string rebuilt(const SqliteDialect& dialect, const TableName& table,
                    const std::vector<TableEdit>& edits)
{
    std::string text = "SELECT sluice_rebuild(" + dialect.literal(table.name);
    for (const TableEdit& edit : edits) {
        for (const std::string& word : {edit.what, edit.first, edit.second}) {
            text += ", " + dialect.literal(word);
        }
    }
    return text + ")";
}

std::string lock_of_rebuild(const Table& table)
{
    const std::string rows = table.estimated_rows > 0
                                 ? "some " + std::to_string(table.estimated_rows) + " rows"
                                 : "all rows";
    return "the database's write lock while " + rows + " of " + table.name.name +
           " are copied into a new table: no other connection writes anything meanwhile";
}

} // namespace sluice::sqlite
