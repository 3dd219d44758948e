#include "sluice/db/sqlite/sync.h"

#include "sluice/core/error.h"
#include "sluice/db/sync_sql.h"

#include <algorithm>
#include <array>
#include <set>

namespace sluice {

namespace {

std::string trigger_name(const Sync& sync, const char* event)
{
    return "sluice_" + sync.name + "_" + event;
}

/// Two triggers keep rows out that have neither side of a rename or a change of type. Of several
/// columns a row is looked at once both sides are settled.
bool has_null_triggers(const Sync& sync)
{
    return sync.direction == SyncDirection::both && sync.olds.size() + sync.news.size() == 2 &&
           sync.olds.front().is_required;
}

std::string negated(const std::string& condition)
{
    return "NOT (" + condition + ")";
}

/// A column and what it is to hold.
struct Given {
    const SyncedColumn& column;
    std::string value;
};

class Writer {
public:
    Writer(const SqliteDialect& dialect, const Sync& sync)
        : dialect_(dialect), sync_(sync), sql_(dialect, sync)
    {
    }

    [[nodiscard]] std::vector<std::string> statements() const
    {
        switch (sync_.direction) {
        case SyncDirection::both:
            return both();
        case SyncDirection::forward:
            return forward();
        case SyncDirection::reverse:
            return reverse();
        case SyncDirection::backward:
            return {trigger(trigger_name(sync_, "ins"), "AFTER INSERT",
                            sql_.all_null(sync_.olds, "NEW"),
                            set(downs(), sql_.all_null(sync_.olds, "")))};
        }
        throw Error(ErrorKind::internal, "unknown direction of a sync");
    }

private:
    [[nodiscard]] std::vector<std::string> both() const
    {
        const std::string is_not_up = are_others(ups());
        const std::string is_not_down = are_others(downs());
        const std::string insert =
            set(ups(), sql_.all_null(sync_.news, "NEW")) +
            set(downs(),
                new_given() + " AND (" + sql_.all_null(sync_.olds, "") + " OR " + is_not_up + ")");
        const std::string by_new = sql_.new_changed();
        const std::string by_old = negated(by_new) + " AND " + sql_.old_changed();
        const std::string by_key = negated(by_new) + " AND " + negated(sql_.old_changed());
        const std::string update = rest_filled() + set(downs(), by_new + " AND " + is_not_up) +
                                   set(ups(), by_old + " AND " + is_not_down) + refill(by_key);
        std::vector<std::string> made = {
            trigger(trigger_name(sync_, "ins"), "AFTER INSERT", "", insert + required_checks()),
            trigger(trigger_name(sync_, "upd"), after_update(both_sides()),
                    any({by_new, sql_.old_changed(), sql_.key_changed()}),
                    update + required_checks())};
        if (has_null_triggers(sync_)) {
            made.push_back(required_trigger("ins_null", "BEFORE INSERT"));
            made.push_back(required_trigger("upd_null", "BEFORE UPDATE OF " +
                                                            dialect_.quote_list(both_sides())));
        }
        return made;
    }

    [[nodiscard]] std::vector<std::string> both_sides() const
    {
        std::vector<std::string> names = names_of(sync_.olds);
        for (const SyncedColumn& each : sync_.news) {
            names.push_back(each.name);
        }
        return names;
    }

    [[nodiscard]] std::vector<std::string> forward() const
    {
        const SyncedColumn& column = sync_.news.front();
        const std::string unchanged = negated(sql_.new_changed());
        const std::string sources = sql_.sources_changed();
        std::vector<std::string> fires = {column.name};
        for (const Column& read : columns_read(sync_, column.value, Engine::sqlite)) {
            fires.push_back(read.name);
        }
        const std::string recompute =
            sources.empty() ? std::string()
                            : set(ups(), unchanged + " AND (" + sources + ") AND " +
                                             differs(sql_.up(column, "NEW").sql,
                                                     sql_.up(column, "OLD").sql, column));
        return {trigger(trigger_name(sync_, "ins"), "AFTER INSERT",
                        sql_.all_null(sync_.news, "NEW"),
                        set(ups(), sql_.all_null(sync_.news, ""))),
                trigger(trigger_name(sync_, "upd"), after_update(fires),
                        any({sources, sql_.key_changed()}), recompute + refill(unchanged))};
    }

    [[nodiscard]] std::vector<std::string> reverse() const
    {
        return {trigger(trigger_name(sync_, "ins"), "AFTER INSERT", "", set(downs(), "")),
                trigger(trigger_name(sync_, "upd"),
                        "AFTER UPDATE OF " + dialect_.quote_list(names_of(sync_.news)),
                        sql_.new_changed(), set(downs(), ""))};
    }

    [[nodiscard]] std::string name(const std::string& column) const
    {
        return dialect_.quote(column);
    }

    [[nodiscard]] std::string now(const std::string& column) const
    {
        return sql_.column("NEW", column);
    }

    /// A copy keeps what the other column holds, whatever the declared type says; a cast would not.
    [[nodiscard]] static std::string plain(const Computed& copy)
    {
        return copy.sql.substr(std::string("NEW.").size());
    }

    /// Inside an inner UPDATE the row itself is at hand: plain names mean its columns.
    [[nodiscard]] std::vector<Given> ups() const
    {
        std::vector<Given> values;
        for (const SyncedColumn& each : sync_.news) {
            const Computed copy = sql_.up(each, "NEW");
            values.push_back({each, copy.is_plain ? plain(copy) : converted(each)});
        }
        return values;
    }

    [[nodiscard]] std::vector<Given> downs() const
    {
        std::vector<Given> values;
        for (const SyncedColumn& each : sync_.olds) {
            const Computed copy = sql_.down(each, "NEW");
            values.push_back({each, copy.is_plain ? plain(copy) : seen_as_new(each)});
        }
        return values;
    }

    [[nodiscard]] std::string converted(const SyncedColumn& column) const
    {
        return dialect_.converted(column.value, row_column(sync_, column.name).type);
    }

    /// An old column's value where the expression calls the new one by another name.
    [[nodiscard]] std::string seen_as_new(const SyncedColumn& column) const
    {
        const std::string value = converted(column);
        if (sync_.down_sees.empty()) {
            return value;
        }
        std::string given;
        for (const Column& read : columns_read(sync_, column.value, Engine::sqlite)) {
            const bool is_new = read.name == sync_.down_sees;
            given += (given.empty() ? "" : ", ") +
                     name(is_new ? sync_.news.front().name : read.name) + " AS " + name(read.name);
        }
        return given.empty() ? value : "(SELECT " + value + " FROM (SELECT " + given + "))";
    }

    [[nodiscard]] std::string differs(const std::string& a, const std::string& b,
                                      const SyncedColumn& column) const
    {
        return dialect_.differs(a, b, row_column(sync_, column.name).type);
    }

    /// Does one of the columns hold another value?
    [[nodiscard]] std::string are_others(const std::vector<Given>& values) const
    {
        std::vector<std::string> tests;
        for (const Given& each : values) {
            tests.push_back(differs(name(each.column.name), each.value, each.column));
        }
        return grouped(tests, " OR ");
    }

    [[nodiscard]] std::string new_given() const
    {
        std::vector<std::string> tests;
        for (const SyncedColumn& each : sync_.news) {
            tests.push_back(now(each.name) + " IS NOT NULL");
        }
        return grouped(tests, " OR ");
    }

    [[nodiscard]] std::string set(const std::vector<Given>& values,
                                  const std::string& condition) const
    {
        std::string list;
        for (const Given& each : values) {
            list += (list.empty() ? "" : ", ") + name(each.column.name) + " = " + each.value;
        }
        return "UPDATE " + name(sync_.table.name) + " SET " + list + " WHERE " + this_row() +
               (condition.empty() ? "" : " AND " + condition) + " AND " + are_others(values) +
               ";\n";
    }

    /// A row that no backfill has reached yet: what its writer did not give is filled first, or the
    /// old shape would lose it.
    [[nodiscard]] std::string rest_filled() const
    {
        if (sync_.news.size() < 2) {
            return {};
        }
        std::vector<Given> values = ups();
        for (Given& each : values) {
            each.value = "CASE WHEN " + sql_.changed(row_column(sync_, each.column.name)) +
                         " THEN " + name(each.column.name) + " ELSE " + each.value + " END";
        }
        return set(values, sql_.new_changed() + " AND " + sql_.all_null(sync_.news, "OLD"));
    }

    [[nodiscard]] std::string refill(const std::string& condition) const
    {
        const std::string key = sql_.key_changed();
        if (key.empty()) {
            return {};
        }
        return set(ups(), condition + " AND (" + key + ") AND " + sql_.all_null(sync_.news, ""));
    }

    [[nodiscard]] std::string this_row() const
    {
        std::string row;
        for (const std::string& column : sync_.key) {
            row += (row.empty() ? "" : " AND ") + name(column) + " IS " + now(column);
        }
        if (!row.empty()) {
            return row;
        }
        const std::string rowid = rowid_name();
        return rowid + " IS NEW." + rowid;
    }

    /// A column may hide the rowid's names; SQLite has three.
    [[nodiscard]] std::string rowid_name() const
    {
        for (const char* candidate : std::array{"rowid", "_rowid_", "oid"}) {
            if (std::none_of(sync_.row.begin(), sync_.row.end(), [candidate](const Column& column) {
                    return column.name == candidate;
                })) {
                return candidate;
            }
        }
        throw Error(ErrorKind::refused,
                    "table \"" + sync_.table.name +
                        "\" has no primary key, and its columns hide the rowid");
    }

    [[nodiscard]] static std::string any(const std::vector<std::string>& conditions)
    {
        std::string text;
        for (const std::string& condition : conditions) {
            if (!condition.empty()) {
                text += (text.empty() ? "" : " OR ") + condition;
            }
        }
        return text;
    }

    [[nodiscard]] std::string after_update(std::vector<std::string> columns) const
    {
        columns.insert(columns.end(), sync_.key.begin(), sync_.key.end());
        std::vector<std::string> each_once;
        std::set<std::string> seen;
        std::copy_if(columns.begin(), columns.end(), std::back_inserter(each_once),
                     [&seen](const std::string& column) { return seen.insert(column).second; });
        return "AFTER UPDATE OF " + dialect_.quote_list(each_once);
    }

    [[nodiscard]] std::string trigger(const std::string& trigger, const std::string& event,
                                      const std::string& condition, const std::string& body) const
    {
        return "CREATE TRIGGER " + name(trigger) + " " + event + " ON " + name(sync_.table.name) +
               " FOR EACH ROW" + (condition.empty() ? "" : " WHEN " + condition) + "\nBEGIN\n" +
               body + "END";
    }

    /// NOT NULL was taken off an old column because SQLite checks it before an AFTER trigger can
    /// fill it; a row with neither side is refused as it was before.
    [[nodiscard]] std::string required_trigger(const char* suffix, const std::string& event) const
    {
        const SyncedColumn& old = sync_.olds.front();
        return trigger(trigger_name(sync_, suffix), event,
                       now(old.name) + " IS NULL AND " + sql_.all_null(sync_.news, "NEW"),
                       "SELECT " + null_raised(old) + ";\n");
    }

    [[nodiscard]] std::string required_checks() const
    {
        std::string checks;
        for (const SyncedColumn& old : sync_.olds) {
            if (old.is_required && !has_null_triggers(sync_)) {
                checks += "SELECT " + null_raised(old) + " FROM " + name(sync_.table.name) +
                          " WHERE " + this_row() + " AND " + name(old.name) + " IS NULL;\n";
            }
        }
        return checks;
    }

    [[nodiscard]] std::string null_raised(const SyncedColumn& old) const
    {
        return "RAISE(ABORT, " +
               dialect_.literal("NOT NULL constraint failed: " + sync_.table.name + "." +
                                old.name) +
               ")";
    }

    const SqliteDialect& dialect_;
    const Sync& sync_;
    SyncSql sql_;
};

std::vector<std::string> trigger_names(const Sync& sync)
{
    std::vector<std::string> names = {trigger_name(sync, "ins")};
    if (sync.direction != SyncDirection::backward) {
        names.push_back(trigger_name(sync, "upd"));
    }
    if (has_null_triggers(sync)) {
        names.push_back(trigger_name(sync, "ins_null"));
        names.push_back(trigger_name(sync, "upd_null"));
    }
    return names;
}

} // namespace

std::vector<std::string> SqliteDialect::sync_objects(const Sync& sync) const
{
    return trigger_names(sync);
}

namespace sqlite {

std::vector<std::string> create_sync(const SqliteDialect& dialect, const Sync& sync)
{
    return Writer(dialect, sync).statements();
}

std::vector<std::string> drop_sync(const SqliteDialect& dialect, const Sync& sync)
{
    std::vector<std::string> statements;
    for (const std::string& name : trigger_names(sync)) {
        statements.push_back("DROP TRIGGER IF EXISTS " + dialect.quote(name));
    }
    return statements;
}

} // namespace sqlite

} // namespace sluice
