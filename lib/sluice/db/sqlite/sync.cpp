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

std::string negated(const std::string& condition)
{
    return "NOT (" + condition + ")";
}

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
            return {trigger("ins", "AFTER INSERT", now(sync_.old_column) + " IS NULL",
                            set_old(name(sync_.old_column) + " IS NULL"))};
        }
        throw Error(ErrorKind::internal, "unknown direction of a sync");
    }

private:
    [[nodiscard]] std::vector<std::string> both() const
    {
        const std::string new_given = now(sync_.new_column) + " IS NOT NULL";
        const std::string insert = set_new(now(sync_.new_column) + " IS NULL") +
                                   set_old(new_given + " AND (" + name(sync_.old_column) +
                                           " IS NULL OR " + is_not_up() + ")");
        const std::string by_new = sql_.new_changed();
        const std::string by_old = negated(by_new) + " AND " + sql_.old_changed();
        const std::string by_key = negated(by_new) + " AND " + negated(sql_.old_changed());
        const std::string update = set_old(by_new + " AND " + is_not_up()) +
                                   set_new(by_old + " AND " + is_not_down()) + refill(by_key);
        std::vector<std::string> made = {
            trigger("ins", "AFTER INSERT", "", insert),
            trigger("upd", after_update({sync_.old_column, sync_.new_column}),
                    any({by_new, sql_.old_changed(), sql_.key_changed()}), update)};
        if (sync_.is_required) {
            made.push_back(required("ins_null", "BEFORE INSERT"));
            made.push_back(required("upd_null",
                                    "BEFORE UPDATE OF " +
                                        dialect_.quote_list({sync_.old_column, sync_.new_column})));
        }
        return made;
    }

    [[nodiscard]] std::vector<std::string> forward() const
    {
        const std::string unchanged = negated(sql_.new_changed());
        const std::string sources = sql_.sources_changed();
        std::vector<std::string> fires = {sync_.new_column};
        for (const Column& column : columns_read(sync_, sync_.up, Engine::sqlite)) {
            fires.push_back(column.name);
        }
        const std::string recompute =
            sources.empty()
                ? std::string()
                : set_new(unchanged + " AND (" + sources + ") AND " +
                          differs(sql_.up("NEW").sql, sql_.up("OLD").sql, sync_.new_column));
        return {trigger("ins", "AFTER INSERT", now(sync_.new_column) + " IS NULL",
                        set_new(name(sync_.new_column) + " IS NULL")),
                trigger("upd", after_update(fires), any({sources, sql_.key_changed()}),
                        recompute + refill(unchanged))};
    }

    [[nodiscard]] std::vector<std::string> reverse() const
    {
        return {trigger("ins", "AFTER INSERT", "", set_old("")),
                trigger("upd", "AFTER UPDATE OF " + name(sync_.new_column), sql_.new_changed(),
                        set_old(""))};
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
    [[nodiscard]] std::string up() const
    {
        const Computed copy = sql_.up("NEW");
        if (copy.is_plain) {
            return plain(copy);
        }
        return dialect_.converted(sync_.up, row_column(sync_, sync_.new_column).type);
    }

    [[nodiscard]] std::string down() const
    {
        const Computed copy = sql_.down("NEW");
        if (copy.is_plain) {
            return plain(copy);
        }
        const std::string value =
            dialect_.converted(sync_.down, row_column(sync_, sync_.old_column).type);
        if (sync_.down_sees.empty()) {
            return value;
        }
        std::string given;
        for (const Column& column : columns_read(sync_, sync_.down, Engine::sqlite)) {
            const bool is_new = column.name == sync_.down_sees;
            given += (given.empty() ? "" : ", ") + name(is_new ? sync_.new_column : column.name) +
                     " AS " + name(column.name);
        }
        return given.empty() ? value : "(SELECT " + value + " FROM (SELECT " + given + "))";
    }

    [[nodiscard]] std::string differs(const std::string& a, const std::string& b,
                                      const std::string& column) const
    {
        return dialect_.differs(a, b, row_column(sync_, column).type);
    }

    [[nodiscard]] std::string is_not_up() const
    {
        return differs(name(sync_.new_column), up(), sync_.new_column);
    }

    [[nodiscard]] std::string is_not_down() const
    {
        return differs(name(sync_.old_column), down(), sync_.old_column);
    }

    [[nodiscard]] std::string set_new(const std::string& condition) const
    {
        return set(sync_.new_column, up(), condition, is_not_up());
    }

    [[nodiscard]] std::string set_old(const std::string& condition) const
    {
        return set(sync_.old_column, down(), condition, is_not_down());
    }

    [[nodiscard]] std::string set(const std::string& column, const std::string& value,
                                  const std::string& condition, const std::string& is_news) const
    {
        return "UPDATE " + name(sync_.table.name) + " SET " + name(column) + " = " + value +
               " WHERE " + this_row() + (condition.empty() ? "" : " AND " + condition) + " AND " +
               is_news + ";\n";
    }

    [[nodiscard]] std::string refill(const std::string& condition) const
    {
        const std::string key = sql_.key_changed();
        if (key.empty()) {
            return {};
        }
        return set_new(condition + " AND (" + key + ") AND " + name(sync_.new_column) + " IS NULL");
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

    [[nodiscard]] std::string trigger(const char* suffix, const std::string& event,
                                      const std::string& condition, const std::string& body) const
    {
        return "CREATE TRIGGER " + name(trigger_name(sync_, suffix)) + " " + event + " ON " +
               name(sync_.table.name) + " FOR EACH ROW" +
               (condition.empty() ? "" : " WHEN " + condition) + "\nBEGIN\n" + body + "END";
    }

    /// NOT NULL was taken off the old column because SQLite checks it before an AFTER trigger can
    /// fill it; a row with neither side is refused as it was before.
    [[nodiscard]] std::string required(const char* suffix, const std::string& event) const
    {
        const std::string message =
            "NOT NULL constraint failed: " + sync_.table.name + "." + sync_.old_column;
        return trigger(suffix, event,
                       now(sync_.old_column) + " IS NULL AND " + now(sync_.new_column) + " IS NULL",
                       "SELECT RAISE(ABORT, " + dialect_.literal(message) + ");\n");
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
    if (sync.direction == SyncDirection::both && sync.is_required) {
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
