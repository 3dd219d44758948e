#include "change.h"

#include "sluice/migration/reader.h"
#include "support/temporary_directory.h"

namespace sluice::bench {

namespace {

PaceSettings settings_of(const Pace& pace)
{
    return {.batch_rows = pace.batch_rows,
            .batch_max = pace.batch_max,
            .batch_time = pace.batch_time,
            .duty = pace.duty,
            .sleep = pace.sleep,
            .workers = pace.workers};
}

std::vector<Migration> read(const std::string& text)
{
    const TemporaryDirectory directory;
    return {read_migration(directory.write("20260101000000_change.toml", text))};
}

} // namespace

void forget_sluice(Session& session)
{
    const Engine engine = session.dialect().server().engine;
    if (engine == Engine::postgresql) {
        session.execute("DROP SCHEMA IF EXISTS sluice CASCADE");
        return;
    }
    const Rows rows = session.query(
        engine == Engine::mysql
            ? "SELECT table_name FROM information_schema.tables WHERE table_schema = database() "
              "AND table_name LIKE 'sluice\\_%'"
            : "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'sluice\\_%' "
              "ESCAPE '\\'");
    for (const Row& row : rows.rows) {
        session.execute("DROP TABLE " + session.dialect().quote(row[0].value_or("")));
    }
}

Change::Change(const Subject& subject, const std::string& text, const Pace& pace)
    : subject_(subject)
    , migrations_(read(text))
    , options_{.actor = current_actor(), .pace = settings_of(pace), .lock_attempts = 60}
{
    Session session(subject.url, {});
    forget_sluice(session);
}

Runner Change::runner()
{
    const Connect connect = [this](SessionOptions options) {
        return Session(subject_.url, std::move(options));
    };
    return {connect, clock_, silence_, {}, migrations_, options_};
}

void Change::expand()
{
    (void)runner().expand(migrations_[0]);
}

void Change::migrate()
{
    (void)runner().migrate(migrations_[0]);
}

void Change::contract()
{
    (void)runner().contract(migrations_[0]);
}

void Change::purge()
{
    (void)runner().purge(migrations_[0]);
}

void Change::carry_out()
{
    expand();
    migrate();
    contract();
    purge();
}

} // namespace sluice::bench
