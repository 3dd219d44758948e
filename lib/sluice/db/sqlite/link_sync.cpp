#include "sluice/db/sqlite/link_sync.h"

#include "sluice/db/link_writes.h"

namespace sluice::sqlite {

namespace {

const LinkWords words{
    .update = "UPDATE OR IGNORE ", .insert = "INSERT OR IGNORE INTO ", .meets_others = false};

std::string trigger_name(const SqliteDialect& dialect, const LinkSide& side, const char* suffix)
{
    return dialect.quote("sluice_" + side.name + "_" + suffix);
}

/// Where nothing is to be written there is no trigger.
struct Trigger {
    const char* suffix;
    std::string event;
    LinkWrites writes;
};

std::vector<Trigger> triggers_of(const SqliteDialect& dialect, const LinkSide& side)
{
    const LinkSql sql(dialect, side);
    const std::string on = " ON " + sql.own_table() + " FOR EACH ROW";
    const auto writes = [&](LinkEvent event) { return writes_on(event, dialect, side, words); };
    const std::string relinked = "(" + sql.link_changed() + ")";
    return {{"ins", "INSERT" + on, writes(LinkEvent::insert)},
            {"upd",
             "UPDATE" + on + " WHEN NOT " + relinked + " AND (" + sql.columns_changed() + ")",
             writes(LinkEvent::update)},
            {"lnk", "UPDATE" + on + " WHEN " + relinked, writes(LinkEvent::relink)},
            {"del", "DELETE" + on, writes_on_delete(dialect, side, words)}};
}

/// Triggers name the tables of their own database alone.
LinkSync unqualified(LinkSync sync)
{
    sync.from.name.schema.clear();
    sync.to.name.schema.clear();
    return sync;
}

} // namespace

std::vector<std::string> create_link_sync(const SqliteDialect& dialect, const LinkSync& sync)
{
    std::vector<std::string> statements;
    const LinkSync own = unqualified(sync);
    for (const LinkSide& side : sides_of(own)) {
        for (const Trigger& trigger : triggers_of(dialect, side)) {
            std::string body;
            for (const LinkWrite& write : trigger.writes) {
                body += write.sql;
            }
            if (!body.empty()) {
                statements.push_back("CREATE TRIGGER " +
                                     trigger_name(dialect, side, trigger.suffix) + " AFTER " +
                                     trigger.event + "\nBEGIN\n" + body + "END");
            }
        }
    }
    return statements;
}

std::vector<std::string> drop_link_sync(const SqliteDialect& dialect, const LinkSync& sync)
{
    std::vector<std::string> statements;
    for (const LinkSide& side : sides_of(sync)) {
        for (const char* suffix : {"ins", "upd", "lnk", "del"}) {
            statements.push_back("DROP TRIGGER IF EXISTS " + trigger_name(dialect, side, suffix));
        }
    }
    return statements;
}

} // namespace sluice::sqlite
