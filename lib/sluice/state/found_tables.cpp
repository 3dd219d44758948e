#include "sluice/state/found_tables.h"

#include "sluice/db/catalog_json.h"
#include "sluice/db/transaction.h"

#include <nlohmann/json.hpp>

namespace sluice {

namespace {

std::string key_of(const TableName& table)
{
    return nlohmann::json{table.schema, table.name}.dump();
}

std::string body_of(const Catalog& catalog, const TableName& name)
{
    const Table* table = catalog.find(name);
    return table == nullptr ? std::string() : to_json(*table);
}

void record_one(Session& session, std::string_view version, const TableName& name,
                const std::string& body)
{
    const Dialect& dialect = session.dialect();
    const std::string target = dialect.state_table("found_table");
    Sql update = dialect.sql();
    update << "UPDATE " << target << " SET body = ";
    update.bind(body) << ", version = ";
    update.bind(version) << ", at = " << dialect.now() << " WHERE table_name = ";
    update.bind(key_of(name));
    if (session.execute(update.take()) > 0) {
        return;
    }
    Sql insert = dialect.sql();
    insert << "INSERT INTO " << target << " (table_name, body, version, at) VALUES (";
    insert.bind(key_of(name)) << ", ";
    insert.bind(body) << ", ";
    insert.bind(version) << ", " << dialect.now() << ")";
    session.execute(insert.take());
}

} // namespace

std::vector<FoundTable> found_tables(Session& session, const std::vector<TableName>& tables)
{
    const Dialect& dialect = session.dialect();
    std::vector<FoundTable> found;
    for (const TableName& name : tables) {
        Sql sql = dialect.sql();
        sql << "SELECT body, version FROM " << dialect.state_table("found_table")
            << " WHERE table_name = ";
        sql.bind(key_of(name));
        const Rows rows = session.query(sql.take());
        if (rows.empty()) {
            continue;
        }
        const std::string& body = rows[0][0].value();
        found.push_back({name, body.empty() ? std::nullopt : std::optional(table_from_json(body)),
                         rows[0][1].value()});
    }
    return found;
}

void record_found(Session& session, std::string_view version, const std::vector<TableName>& tables,
                  const Catalog& catalog)
{
    JoinedTransaction transaction(session);
    for (const TableName& name : tables) {
        record_one(session, version, name, body_of(catalog, name));
    }
    transaction.commit();
}

} // namespace sluice
