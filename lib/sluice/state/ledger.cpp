#include "sluice/state/ledger.h"

#include <algorithm>

namespace sluice {

void append_ledger(Session& session, const Actor& actor, const LedgerEntry& entry)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "INSERT INTO " << dialect.state_table("ledger")
        << " (at, actor, host, verb, object, from_state, to_state, reason, evidence) VALUES ("
        << dialect.now() << ", ";
    sql.bind(actor.name) << ", ";
    sql.bind(actor.host) << ", ";
    sql.bind(entry.verb) << ", ";
    sql.bind(entry.object) << ", ";
    sql.bind(entry.from) << ", ";
    sql.bind(entry.to) << ", ";
    sql.bind(entry.reason) << ", ";
    sql.bind(entry.evidence) << ")";
    session.execute(sql.take());
}

std::vector<LedgerEntry> read_ledger(Session& session, int limit, const std::string& object)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "SELECT id, at, actor, host, verb, object, from_state, to_state, reason, evidence FROM "
        << dialect.state_table("ledger");
    if (!object.empty()) {
        sql << " WHERE object = ";
        sql.bind(object);
    }
    sql << " ORDER BY id DESC LIMIT " << std::to_string(limit);
    std::vector<LedgerEntry> entries;
    for (const Row& row : session.query(sql.take()).rows) {
        entries.push_back({std::stoll(row[0].value()), row[1].value(), row[2].value(),
                           row[3].value(), row[4].value(), row[5].value(), row[6].value(),
                           row[7].value(), row[8].value(), row[9].value()});
    }
    std::reverse(entries.begin(), entries.end());
    return entries;
}

} // namespace sluice
