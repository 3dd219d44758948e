// What the rows of two linked tables are filled with, and what must be true of them.

#include "sluice/db/absence.h"
#include "sluice/plan/changes/linked.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/lookup.h"

#include <fmt/format.h>

namespace sluice {

namespace {

constexpr const char* other_row = "sluice_other";
constexpr const char* third_row = "sluice_third";

std::string joined(const std::vector<std::string>& tests, const char* separator)
{
    return fmt::format("{}", fmt::join(tests, separator));
}

/// Names in the SQL of a statement that walks one of the two tables.
class Names {
public:
    explicit Names(const Dialect& dialect) : dialect_(dialect) {}

    [[nodiscard]] std::string in(const TableName& table, const Column& column) const
    {
        return dialect_.quote(table) + "." + dialect_.quote(column.name);
    }

    [[nodiscard]] std::string in(const char* row, const Column& column) const
    {
        return std::string(row) + "." + dialect_.quote(column.name);
    }

    /// "FROM other AS row WHERE row.link = walked.link"
    [[nodiscard]] std::string linked(const LinkedTable& other, const char* row,
                                     const LinkedTable& walked) const
    {
        std::vector<std::string> tests;
        for (std::size_t n = 0; n < other.link.size(); ++n) {
            tests.push_back(in(row, other.link[n]) + " = " + in(walked.name, walked.link[n]));
        }
        return fmt::format("FROM {} AS {} WHERE {}", dialect_.quote(other.name), row,
                           joined(tests, " AND "));
    }

private:
    const Dialect& dialect_;
};

std::string unsaid(const Dialect& dialect, const Column& column, const std::string& value)
{
    return fmt::format("NOT ({})", says(dialect, column, value));
}

/// Of a row of the new table: the value that an old row has for it.
class Filling {
public:
    Filling(const LinkSync& sync, const Dialect& dialect)
        : sync_(sync), dialect_(dialect), names_(dialect)
    {
    }

    [[nodiscard]] std::string value(const LinkedColumn& column) const
    {
        const std::string own = names_.in(sync_.to.name, column.to);
        std::string found =
            fmt::format("SELECT {} {} AND {}", names_.in(other_row, column.from), linked(other_row),
                        says(dialect_, column.from, names_.in(other_row, column.from)));
        found += sync_.from.has_unique_link ? "" : " ORDER BY " + key() + " LIMIT 1";
        const std::string lock = dialect_.lock_read_row();
        found = fmt::format("({}{}{})", found, lock.empty() ? "" : " ", lock);
        if (!column.to.nullable) {
            found = fmt::format("COALESCE({}, {})", found, own);
        }
        return fmt::format("CASE WHEN {} THEN {} ELSE {} END", unsaid(dialect_, column.to, own),
                           found, own);
    }

    [[nodiscard]] std::string needs_work() const
    {
        std::vector<std::string> tests;
        for (const LinkedColumn& column : sync_.columns) {
            tests.push_back(fmt::format(
                "{} AND EXISTS (SELECT 1 {} AND {}{})",
                unsaid(dialect_, column.to, names_.in(sync_.to.name, column.to)), linked(other_row),
                says(dialect_, column.from, names_.in(other_row, column.from)), agreed(column)));
        }
        return tests.size() > 1 ? "(" + joined(tests, ") OR (") + ")" : tests.front();
    }

private:
    [[nodiscard]] std::string linked(const char* row) const
    {
        return names_.linked(sync_.from, row, sync_.to);
    }

    [[nodiscard]] std::string key() const
    {
        std::vector<std::string> columns;
        for (const Column& column : sync_.from.key) {
            columns.push_back(names_.in(other_row, column));
        }
        return joined(columns, ", ");
    }

    /// Where rows with the same link disagree, none of them is the right one.
    [[nodiscard]] std::string agreed(const LinkedColumn& column) const
    {
        if (sync_.from.has_unique_link) {
            return {};
        }
        return fmt::format(" AND NOT EXISTS (SELECT 1 {} AND {})", linked(third_row),
                           dialect_.differs(names_.in(third_row, column.from),
                                            names_.in(other_row, column.from), column.from.type));
    }

    const LinkSync& sync_;
    const Dialect& dialect_;
    Names names_;
};

/// Of a row that may do without the other table's.
std::string is_in_step(const LinkSync& sync, const LinkedTable& walked, const Dialect& dialect)
{
    const Names names(dialect);
    const bool walks_new = walked.name == sync.to.name;
    const LinkedTable& other = walks_new ? sync.from : sync.to;
    std::vector<std::string> same;
    std::vector<std::string> nothing;
    for (const LinkedColumn& column : sync.columns) {
        const Column& own = walks_new ? column.to : column.from;
        const std::string held = names.in(other_row, walks_new ? column.from : column.to);
        const std::string value = names.in(walked.name, own);
        same.push_back(fmt::format("NOT ({})", dialect.differs(held, value, own.type)));
        nothing.push_back(unsaid(dialect, own, value));
    }
    const std::string linked = names.linked(other, other_row, walked);
    return fmt::format("EXISTS (SELECT 1 {} AND {}) OR (NOT EXISTS (SELECT 1 {}) AND {})", linked,
                       joined(same, " AND "), linked, joined(nothing, " AND "));
}

Action verification(const LinkSync& sync, const LinkedTable& walked, std::string expect,
                    const std::string& about)
{
    return {.phase = Phase::migrate,
            .summary = fmt::format("verify \"{}\": {}", display(walked.name), about),
            .work = VerifyWork{.table = walked.name,
                               .key = walked.key,
                               .expect = std::move(expect),
                               .about = about},
            .undo = {},
            .tables = {sync.from.name, sync.to.name}};
}

} // namespace

Action fill_of_part(const LinkSync& sync, const Dialect& dialect)
{
    BackfillWork work{.kind = BackfillKind::into,
                      .table = sync.from.name,
                      .key = sync.from.key,
                      .set = {},
                      .into = sync.to.name};
    for (std::size_t n = 0; n < sync.to.link.size(); ++n) {
        work.into_key.push_back(sync.to.link[n].name);
        work.set.emplace_back(sync.to.link[n].name, dialect.quote(sync.from.link[n].name));
    }
    std::vector<std::string> tests;
    for (const LinkedColumn& column : sync.columns) {
        const std::string value = dialect.quote(column.from.name);
        work.set.emplace_back(column.to.name, value);
        tests.push_back(says(dialect, column.from, value));
    }
    work.needs_work = joined(tests, " OR ");
    return {.phase = Phase::migrate,
            .summary = fmt::format("make rows of \"{}\" from those of \"{}\" that say something",
                                   display(sync.to.name), display(sync.from.name)),
            .work = std::move(work),
            .undo = {},
            .tables = {sync.from.name, sync.to.name}};
}

Action fill_of_columns(const LinkSync& sync, const Site& site, const Table& table)
{
    const Filling filling(sync, site.dialect);
    std::vector<std::pair<std::string, std::string>> set;
    for (const LinkedColumn& column : sync.columns) {
        set.emplace_back(column.to.name, filling.value(column));
    }
    const Site place{.table = table,
                     .catalog = site.catalog,
                     .dialect = site.dialect,
                     .location = site.location,
                     .sync_name = site.sync_name,
                     .changes = site.changes};
    Action action = backfill_of(place, sync.to.key, set, filling.needs_work());
    action.tables.push_back(sync.from.name);
    return action;
}

std::vector<Action> verifications_of(const LinkSync& sync, const Dialect& dialect)
{
    const bool is_new_free = sync.from.is_part;
    const LinkedTable& walked = is_new_free ? sync.to : sync.from;
    const LinkedTable& other = is_new_free ? sync.from : sync.to;
    std::vector<Action> verifications{
        verification(sync, walked, is_in_step(sync, walked, dialect),
                     fmt::format("every row is in step with its row in \"{}\", or has none there "
                                 "and nothing to say",
                                 display(other.name)))};
    if (other.is_part) {
        verifications.push_back(verification(
            sync, other,
            fmt::format("EXISTS (SELECT 1 {})", Names(dialect).linked(walked, other_row, other)),
            fmt::format("no row is without one in \"{}\"", display(walked.name))));
    }
    return verifications;
}

} // namespace sluice
