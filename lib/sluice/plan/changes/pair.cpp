#include "sluice/plan/changes/pair.h"

#include "sluice/db/tokens.h"
#include "sluice/plan/lookup.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

const Column& column_of(const SyncedTable& table, const std::string& name)
{
    return *std::find_if(table.row.begin(), table.row.end(),
                         [&](const Column& column) { return column.name == name; });
}

std::vector<Column> key_of(const SyncedTable& table)
{
    std::vector<Column> key;
    for (const std::string& name : table.key) {
        key.push_back(column_of(table, name));
    }
    return key;
}

/// A column that is copied as it is keeps what it holds, whatever a cast would make of it.
std::string value_of(const CarriedColumn& carried, const SyncedTable& other, const Dialect& dialect)
{
    const Conversion& value = carried.value;
    const bool is_copy = value.domain.empty() &&
                         std::any_of(other.row.begin(), other.row.end(), [&](const Column& column) {
                             return value.expression == dialect.quote(column.name) &&
                                    column.type == carried.column.type;
                         });
    return is_copy ? value.expression : dialect.converted(value, carried.column.type);
}

/// The condition that a row of the old table must meet. The new table's columns have other names in
/// it, so that the plain names of an expression mean the table that it is over.
class InStep {
public:
    InStep(const TableSync& sync, const Dialect& dialect) : sync_(sync), dialect_(dialect) {}

    [[nodiscard]] std::string expect() const
    {
        std::string tests;
        for (std::size_t n = 0; n < sync_.to.key.size(); ++n) {
            tests += fmt::format("{}sluice_other.sluice_k{} = {}", n == 0 ? "" : " AND ", n,
                                 old(sync_.from.key[n]));
        }
        for (std::size_t n = 0; n < sync_.to.carried.size(); ++n) {
            tests += " AND " + is_in_step(n);
        }
        return fmt::format("EXISTS (SELECT 1 FROM (SELECT {} FROM {}) AS sluice_other WHERE {})",
                           columns(), dialect_.quote(sync_.to.name), tests);
    }

private:
    [[nodiscard]] std::string old(const std::string& column) const
    {
        return dialect_.quote(sync_.from.name) + "." + dialect_.quote(column);
    }

    /// The new row's key and values, and the old row's values as it gives them.
    [[nodiscard]] std::string columns() const
    {
        std::string list;
        for (std::size_t n = 0; n < sync_.to.key.size(); ++n) {
            list += fmt::format("{}{} AS sluice_k{}", n == 0 ? "" : ", ",
                                dialect_.quote(sync_.to.key[n]), n);
        }
        for (std::size_t n = 0; n < sync_.to.carried.size(); ++n) {
            list += fmt::format(", {} AS sluice_v{}",
                                dialect_.quote(sync_.to.carried[n].column.name), n);
        }
        for (std::size_t n = 0; n < sync_.from.carried.size(); ++n) {
            list += fmt::format(", ({}) AS sluice_o{}",
                                value_of(sync_.from.carried[n], sync_.to, dialect_), n);
        }
        return list;
    }

    [[nodiscard]] std::string is_in_step(std::size_t n) const
    {
        const CarriedColumn& carried = sync_.to.carried[n];
        const std::string held = fmt::format("sluice_other.sluice_v{}", n);
        std::string test =
            fmt::format("NOT ({})", dialect_.differs(held, value_of(carried, sync_.from, dialect_),
                                                     carried.column.type));
        if (const std::string explained = explanation(carried); !explained.empty()) {
            test = fmt::format("({} OR {})", test, explained);
        }
        if (!carried.value.domain.empty()) {
            test += fmt::format(" AND ({} IS NOT NULL OR ({}) OR ({}))", held, carried.value.domain,
                                is_empty(carried));
        }
        return test;
    }

    /// There is nothing that could have been lost.
    [[nodiscard]] std::string is_empty(const CarriedColumn& carried) const
    {
        std::string tests;
        for (const Column& read : sync_.from.row) {
            if (mentions(carried.value.expression, read.name, dialect_.server().engine)) {
                tests += fmt::format("{}{} IS NULL", tests.empty() ? "" : " AND ", old(read.name));
            }
        }
        return tests.empty() ? "1 = 0" : tests;
    }

    /// Every column that the value reads is what the new row gives for it.
    [[nodiscard]] std::string explanation(const CarriedColumn& carried) const
    {
        std::string tests;
        for (const Column& read : sync_.from.row) {
            const std::string text = carried.value.expression + " " + carried.value.domain;
            if (!mentions(text, read.name, dialect_.server().engine) ||
                contains(sync_.from.key, read.name)) {
                continue;
            }
            const auto& ways = sync_.from.carried;
            const auto way = std::find_if(ways.begin(), ways.end(), [&](const CarriedColumn& each) {
                return each.column.name == read.name;
            });
            if (way == ways.end()) {
                return {};
            }
            const std::string given = fmt::format("sluice_other.sluice_o{}", way - ways.begin());
            tests += fmt::format("{}NOT ({})", tests.empty() ? "" : " AND ",
                                 dialect_.differs(old(read.name), given, read.type));
        }
        return tests.empty() ? "" : "(" + tests + ")";
    }

    const TableSync& sync_;
    const Dialect& dialect_;
};

/// There is a row of the other table with the key of this one.
std::string has_row(const SyncedTable& other, const SyncedTable& own, const Dialect& dialect)
{
    std::string columns;
    std::string tests;
    for (std::size_t n = 0; n < own.key.size(); ++n) {
        columns +=
            fmt::format("{}{} AS sluice_k{}", n == 0 ? "" : ", ", dialect.quote(other.key[n]), n);
        tests += fmt::format("{}sluice_other.sluice_k{} = {}.{}", n == 0 ? "" : " AND ", n,
                             dialect.quote(own.name), dialect.quote(own.key[n]));
    }
    return fmt::format("EXISTS (SELECT 1 FROM (SELECT {} FROM {}) AS sluice_other WHERE {})",
                       columns, dialect.quote(other.name), tests);
}

Action verification(const SyncedTable& table, std::string expect, std::string about,
                    const TableSync& sync)
{
    return {.phase = Phase::migrate,
            .summary = fmt::format("verify \"{}\": {}", display(table.name), about),
            .work = VerifyWork{.table = table.name,
                               .key = key_of(table),
                               .expect = std::move(expect),
                               .about = about},
            .undo = {},
            .tables = {sync.from.name, sync.to.name}};
}

} // namespace

Action fill_of(const TableSync& sync, const Dialect& dialect)
{
    BackfillWork work{.kind = BackfillKind::into,
                      .table = sync.from.name,
                      .key = key_of(sync.from),
                      .set = {},
                      .into = sync.to.name,
                      .into_key = sync.to.key};
    for (std::size_t n = 0; n < sync.to.key.size(); ++n) {
        work.set.emplace_back(sync.to.key[n], dialect.quote(sync.from.key[n]));
    }
    for (const CarriedColumn& carried : sync.to.carried) {
        work.set.emplace_back(carried.column.name, value_of(carried, sync.from, dialect));
    }
    return {.phase = Phase::migrate,
            .summary = fmt::format("copy rows of \"{}\" into \"{}\"", display(sync.from.name),
                                   display(sync.to.name)),
            .work = std::move(work),
            .undo = {},
            .tables = {sync.from.name, sync.to.name}};
}

std::vector<Action> verifications_of(const TableSync& sync, const Dialect& dialect)
{
    const std::string from = display(sync.from.name);
    const std::string to = display(sync.to.name);
    return {verification(sync.from, InStep(sync, dialect).expect(),
                         fmt::format("every row is in step with its row in \"{}\"", to), sync),
            verification(sync.to, has_row(sync.from, sync.to, dialect),
                         fmt::format("no row is without one in \"{}\"", from), sync)};
}

} // namespace sluice
