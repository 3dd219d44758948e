#include "sluice/plan/refusals.h"

#include "sluice/db/tokens.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/obstacles.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sluice {
namespace {

std::string_view describe(TableKind kind)
{
    switch (kind) {
    case TableKind::plain:
    case TableKind::partition:
    case TableKind::partitioned:
        return "";
    case TableKind::temporary:
        return "a temporary table";
    case TableKind::foreign:
        return "a foreign table";
    case TableKind::virtual_table:
        return "a virtual table";
    case TableKind::view:
        return "a view";
    }
    return "";
}

/// Does the key's rule write into the rows that refer, rather than delete them?
bool writes_columns(const ForeignKey& key)
{
    return key.on_update == "CASCADE" || key.on_update == "SET NULL" ||
           key.on_update == "SET DEFAULT" || key.on_delete == "SET NULL" ||
           key.on_delete == "SET DEFAULT";
}

/// Functions that give another value each time, on any of the engines.
constexpr std::array volatile_functions{"RANDOM",
                                        "RAND",
                                        "RANDOMBLOB",
                                        "NOW",
                                        "CLOCK_TIMESTAMP",
                                        "STATEMENT_TIMESTAMP",
                                        "TRANSACTION_TIMESTAMP",
                                        "TIMEOFDAY",
                                        "SYSDATE",
                                        "CURDATE",
                                        "CURTIME",
                                        "UTC_DATE",
                                        "UTC_TIME",
                                        "UTC_TIMESTAMP",
                                        "UNIX_TIMESTAMP",
                                        "GEN_RANDOM_UUID",
                                        "GEN_RANDOM_BYTES",
                                        "UUID",
                                        "UUID_SHORT",
                                        "UUID_GENERATE_V1",
                                        "UUID_GENERATE_V4",
                                        "SYS_GUID",
                                        "RANDOM_BYTES",
                                        "NEXTVAL",
                                        "CURRVAL",
                                        "LASTVAL",
                                        "LAST_INSERT_ID",
                                        "LAST_INSERT_ROWID",
                                        "CONNECTION_ID",
                                        "PG_BACKEND_PID",
                                        "TXID_CURRENT",
                                        "CHANGES",
                                        "TOTAL_CHANGES",
                                        "SETVAL",
                                        "SETSEED",
                                        "SLEEP",
                                        "PG_SLEEP",
                                        "CURRENT_SETTING",
                                        "USER",
                                        "DATABASE"};

/// The same, written without parentheses.
constexpr std::array volatile_words{"CURRENT_TIMESTAMP", "CURRENT_TIME",   "CURRENT_DATE",
                                    "LOCALTIME",         "LOCALTIMESTAMP", "CURRENT_USER",
                                    "SESSION_USER",      "CURRENT_ROLE",   "SYSTEM_USER"};

bool is_called(const std::vector<Token>& tokens, std::size_t at)
{
    return at + 1 < tokens.size() && tokens[at + 1].is_symbol('(');
}

/// What makes the expression give different values, for a message; empty where nothing does.
std::string volatile_part(const std::string& sql, Engine engine)
{
    const std::vector<Token> tokens = tokenize(sql, engine);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& token = tokens[i];
        if (token.is("SELECT") || token.is("WITH")) {
            return "reads other rows (a subquery)";
        }
        const bool called = is_called(tokens, i);
        const auto same = [&](const char* word) { return token.is(word); };
        if ((called && std::any_of(volatile_functions.begin(), volatile_functions.end(), same)) ||
            std::any_of(volatile_words.begin(), volatile_words.end(), same)) {
            return fmt::format("calls {}, which gives another value each time", token.text);
        }
        // date('now'), datetime('now'), strftime('%s', 'now')
        if (token.kind == Token::Kind::string && token.text == "'now'") {
            return "uses 'now', which is another time each time";
        }
    }
    return {};
}

} // namespace

void refuse_unwalkable(const Table& table, const Location& location)
{
    const std::string_view kind = describe(table.kind);
    if (!kind.empty()) {
        refuse_at(location,
                  fmt::format("\"{}\" is {}, and only plain tables can be walked in batches",
                              display(table.name), kind),
                  "Name the table that holds the rows.");
    }
    if (!table.storage.empty() && table.storage != "InnoDB") {
        refuse_at(location,
                  fmt::format("table \"{}\" is stored in {}, which has no transactions",
                              display(table.name), table.storage),
                  fmt::format("Run `ALTER TABLE {} ENGINE=InnoDB` in a maintenance window first.",
                              display(table.name)));
    }
}

void refuse_dependants(const Table& table, const Column& column, const Dialect& dialect,
                       const Location& location)
{
    if (const auto found = obstacle(table, column, dialect.server().engine)) {
        refuse_at(location,
                  fmt::format("column \"{}\" of table \"{}\" cannot be changed while {}",
                              column.name, display(table.name), found->what),
                  found->way_out);
    }
}

void refuse_uncarried(const Table& table, const Column& column, const Dialect& dialect,
                      const Location& location)
{
    Table rest = table;
    const Capabilities& can = dialect.capabilities();
    if (can.adds_checks) {
        std::erase_if(rest.checks, [](const Check& check) { return !check.name.empty(); });
    }
    std::erase_if(rest.foreign_keys, [&](const ForeignKey& key) {
        return !key.name.empty() && (can.cascades_fire_triggers || !writes_columns(key));
    });
    for (Index& index : rest.indexes) {
        index.predicate.clear();
        std::erase_if(index.parts, [](const IndexPart& part) { return part.column.empty(); });
    }
    refuse_dependants(rest, column, dialect, location);
}

void refuse_self_filling(const Table& table, const Column& column, const Dialect& dialect,
                         const Location& location)
{
    const bool is_sequence =
        column.default_sql && mentions(*column.default_sql, "nextval", dialect.server().engine);
    if (is_sequence || column.on_update_now) {
        refuse_at(location,
                  fmt::format("column \"{}\" of table \"{}\" is filled by {}, which stays with it",
                              column.name, display(table.name),
                              is_sequence ? "a sequence" : "ON UPDATE CURRENT_TIMESTAMP"),
                  "Write the phases out with [[expand]], [[backfill]] and [[contract]] instead.");
    }
}

void refuse_fixed_nullability(const Table& table, const Column& column, const Location& location)
{
    if (contains(table.primary_key, column.name) || column.is_identity || column.generated) {
        refuse_at(
            location,
            fmt::format("column \"{}\" of table \"{}\" is {}, so that its NULL or NOT NULL is "
                        "not its own",
                        column.name, display(table.name),
                        column.generated ? "generated" : "a key or numbers itself"),
            "Leave the change out.");
    }
}

void refuse_name(const Table& table, const std::string& name, const Dialect& dialect,
                 const Location& location)
{
    if (const auto reason = dialect.name_refusal(name)) {
        refuse_at(location, fmt::format("the name \"{}\" {}", name, *reason),
                  "Choose another name.");
    }
    if (table.find(name) != nullptr && is_reserved(name)) {
        refuse_at(location,
                  fmt::format("table \"{}\" still has \"{}\" of an earlier migration",
                              display(table.name), name),
                  "Finish that one first: `sluice status`, then `sluice purge`.");
    }
    if (table.find(name) != nullptr) {
        refuse_at(
            location,
            fmt::format("table \"{}\" has a column \"{}\" already", display(table.name), name),
            "Choose another name, or remove the change if it was made by hand.");
    }
}

void refuse_volatile(const std::string& sql, const std::string& what, const Dialect& dialect,
                     const Location& location)
{
    const std::string part = volatile_part(sql, dialect.server().engine);
    if (!part.empty()) {
        refuse_at(
            location,
            fmt::format("{} {}, so that the triggers and the backfill would not agree", what, part),
            "Use an expression over the row's own columns, or write the phases out with a "
            "[[backfill]] that sets each row once.");
    }
}

} // namespace sluice
