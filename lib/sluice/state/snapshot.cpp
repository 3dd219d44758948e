#include "sluice/state/snapshot.h"

#include "sluice/state/brake.h"
#include "sluice/state/schema.h"

namespace sluice {

namespace {

std::map<std::int64_t, std::int64_t> open_bad_rows(Session& session)
{
    std::map<std::int64_t, std::int64_t> counts;
    const Rows rows =
        session.query("SELECT run, count(*) FROM " + session.dialect().state_table("bad_row") +
                      " WHERE resolution = '' GROUP BY run");
    for (const Row& row : rows.rows) {
        counts[std::stoll(row[0].value())] = std::stoll(row[1].value());
    }
    return counts;
}

} // namespace

Snapshot read_snapshot(Session& session)
{
    Snapshot snapshot;
    snapshot.now = session.query("SELECT " + session.dialect().now())[0][0].value();
    if (!check_state(session)) {
        return snapshot;
    }
    for (const MigrationRecord& migration : History(session).all()) {
        ++snapshot.migrations[migration.state];
    }
    const std::map<std::int64_t, std::int64_t> bad_rows = open_bad_rows(session);
    Ranges ranges(session);
    for (RunRecord& run : Runs(session).all()) {
        const auto bad = bad_rows.find(run.id);
        const std::int64_t id = run.id;
        snapshot.runs.push_back({.run = std::move(run),
                                 .ranges = ranges.all(id),
                                 .open_bad_rows = bad == bad_rows.end() ? 0 : bad->second});
    }
    snapshot.holder = lease_holder(session);
    snapshot.is_braked = read_brake(session).is_engaged;
    return snapshot;
}

} // namespace sluice
