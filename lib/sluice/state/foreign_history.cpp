#include "sluice/state/foreign_history.h"

#include "sluice/core/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

bool is_true(const Value& value)
{
    return value && (*value == "1" || *value == "t" || *value == "true");
}

/// The rows of the first of `tables` that is there.
struct Asked {
    std::string table;
    Rows rows;
};

std::optional<Asked> ask(Session& session, const std::vector<TableName>& tables,
                         const std::string& columns, const std::string& order)
{
    for (const TableName& table : tables) {
        try {
            return Asked{display(table),
                         session.query(fmt::format("SELECT {} FROM {} {}", columns,
                                                   session.dialect().quote(table), order))};
        } catch (const Error& error) {
            if (error.details.cause != Cause::unknown_object) {
                throw;
            }
        }
    }
    return std::nullopt;
}

std::optional<ForeignRecord> read_dbmate_record(Session& session)
{
    const auto asked = ask(session, {{"", "schema_migrations"}}, "version", "ORDER BY version");
    if (!asked) {
        return std::nullopt;
    }
    ForeignRecord record{asked->table, {}};
    for (const Row& row : asked->rows.rows) {
        record.rows.push_back({.identity = row[0].value_or("")});
    }
    return record;
}

std::optional<ForeignRecord> read_golang_migrate_record(Session& session)
{
    const auto asked = ask(session, {{"", "schema_migrations"}}, "version, dirty", "");
    if (!asked) {
        return std::nullopt;
    }
    ForeignRecord record{asked->table, {}};
    for (const Row& row : asked->rows.rows) {
        record.rows.push_back(
            {.identity = row[0].value_or(""), .is_broken = is_true(row[1]), .is_floor = true});
    }
    return record;
}

std::optional<ForeignRecord> read_goose_record(Session& session)
{
    const auto asked =
        ask(session, {{"", "goose_db_version"}}, "version_id, is_applied", "ORDER BY id");
    if (!asked) {
        return std::nullopt;
    }
    ForeignRecord record{asked->table, {}};
    for (const Row& row : asked->rows.rows) {
        if (row[0] != "0") { // its own first row
            record.rows.push_back({.identity = row[0].value_or(""), .is_applied = is_true(row[1])});
        }
    }
    return record;
}

/// Rows of versions, of repeatable migrations (without one), of a baseline, and of undone ones.
std::optional<ForeignRecord> read_flyway_record(Session& session)
{
    const auto asked = ask(session, {{"", "flyway_schema_history"}, {"", "schema_version"}},
                           "version, description, type, success", "ORDER BY installed_rank");
    if (!asked) {
        return std::nullopt;
    }
    ForeignRecord record{asked->table, {}};
    for (const Row& row : asked->rows.rows) {
        const std::string type = row[2].value_or("");
        if (type == "SCHEMA") {
            continue;
        }
        record.rows.push_back({.identity = row[0] ? *row[0] : row[1].value_or(""),
                               .is_applied = type.rfind("UNDO", 0) != 0 && type != "DELETE",
                               .is_broken = !is_true(row[3]),
                               .is_floor = type.find("BASELINE") != std::string::npos});
    }
    return record;
}

/// A failure counts as long as nothing else was done with the change afterwards.
void add_failures(Session& session, ForeignRecord& record)
{
    const Dialect& dialect = session.dialect();
    const auto asked =
        ask(session, {{"sqitch", "events"}, {"", "events"}},
            dialect.quote("event") + ", " + dialect.quote("change"), "ORDER BY committed_at");
    std::vector<ForeignRow> last;
    for (const Row& row : asked ? asked->rows.rows : std::vector<Row>{}) {
        const std::string change = row[1].value_or("");
        last.erase(std::remove_if(last.begin(), last.end(),
                                  [&](const ForeignRow& one) { return one.identity == change; }),
                   last.end());
        if (row[0] == "fail") {
            last.push_back({.identity = change, .is_broken = true});
        }
    }
    record.rows.insert(record.rows.end(), last.begin(), last.end());
}

std::optional<ForeignRecord> read_sqitch_record(Session& session)
{
    const auto asked = ask(session, {{"sqitch", "changes"}, {"", "changes"}},
                           session.dialect().quote("change"), "ORDER BY committed_at");
    if (!asked) {
        return std::nullopt;
    }
    ForeignRecord record{asked->table, {}};
    for (const Row& row : asked->rows.rows) {
        record.rows.push_back({.identity = row[0].value_or("")});
    }
    add_failures(session, record);
    return record;
}

std::optional<ForeignRecord> read_alembic_record(Session& session)
{
    const auto asked = ask(session, {{"", "alembic_version"}}, "version_num", "");
    if (!asked) {
        return std::nullopt;
    }
    ForeignRecord record{asked->table, {}};
    for (const Row& row : asked->rows.rows) {
        record.rows.push_back({.identity = row[0].value_or(""), .is_floor = true});
    }
    return record;
}

} // namespace

std::optional<ForeignRecord> read_foreign_record(Session& session, ImportTool tool)
{
    switch (tool) {
    case ImportTool::dbmate:
        return read_dbmate_record(session);
    case ImportTool::golang_migrate:
        return read_golang_migrate_record(session);
    case ImportTool::goose:
        return read_goose_record(session);
    case ImportTool::flyway:
        return read_flyway_record(session);
    case ImportTool::sqitch:
        return read_sqitch_record(session);
    case ImportTool::alembic:
        return read_alembic_record(session);
    }
    throw Error(ErrorKind::internal, "unknown tool");
}

} // namespace sluice
