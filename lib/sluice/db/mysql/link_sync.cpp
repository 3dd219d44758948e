#include "sluice/db/mysql/link_sync.h"

#include "sluice/db/link_sync_sql.h"
#include "sluice/db/mysql/trigger.h"

namespace sluice::mysql {

namespace {

const char* const shared = " LOCK IN SHARE MODE";

std::string number(std::size_t n)
{
    return "sluice_a" + std::to_string(n + 1);
}

std::string when(const std::string& condition, const std::string& statements)
{
    return "IF " + condition + " THEN\n" + statements + "END IF;\n";
}

/// The table of the statement must not be written: the statement sees to it itself.
std::string unless_in_use(const std::string& write)
{
    return "BEGIN\nDECLARE CONTINUE HANDLER FOR 1442 BEGIN END;\n" + write + "END;\n";
}

/// The bodies of the triggers of one side; empty where there is nothing to do. Each looks the other
/// row up before it writes, and tells by that what is to be written: only a write that is needed
/// may stand in a statement that runs. A row that may well be missing is looked for without a lock
/// first: the lock of a gap would make others wait who insert their own rows.
class Bodies {
public:
    Bodies(const MysqlDialect& dialect, const LinkSide& side)
        : dialect_(dialect), side_(side), sql_(dialect, side)
    {
    }

    /// An upsert may be about a row that is there: that one takes nothing.
    [[nodiscard]] std::string before_insert() const
    {
        std::string is_new_row = is_missing(sql_.key_is("NEW"));
        if (side_.own().has_unique_link && side_.own().link != side_.own().key) {
            is_new_row += " AND " + is_missing(sql_.own_link_is("NEW"));
        }
        std::string condition = is_new_row;
        if (!side_.only_takes()) {
            const std::string unsaid =
                side_.is_new ? sql_.any_absent(now()) : sql_.all_absent(now());
            condition = "(" + unsaid + ") AND " + is_new_row;
        }
        const std::string taken = take(LinkEvent::insert, "NEW", is_other_expected() ? shared : "");
        return taken.empty() ? "" : body(when(condition, taken));
    }

    [[nodiscard]] std::string before_update() const
    {
        // The part's row is still where it was.
        const std::string taken = side_.other().is_part ? take(LinkEvent::relink, "OLD", "")
                                                        : take(LinkEvent::relink, "NEW", shared);
        return taken.empty() ? "" : body(when(sql_.link_changed(), taken));
    }

    [[nodiscard]] std::string after_insert() const
    {
        if (side_.only_takes()) {
            return {};
        }
        const std::vector<std::string> tests = carried(LinkEvent::insert);
        if (side_.other().is_part) {
            return body(when(no(sql_.all_absent(now())), carry_to_part(tests)));
        }
        return body(look_up(tests, "NEW", is_other_expected() ? shared : "") + write_if_found());
    }

    [[nodiscard]] std::string after_update() const
    {
        if (side_.only_takes()) {
            return {};
        }
        const std::string relinked = "(" + sql_.link_changed() + ")";
        std::vector<std::string> tests;
        const std::vector<std::string> linked_anew = carried(LinkEvent::relink);
        const std::vector<std::string> updated = carried(LinkEvent::update);
        for (std::size_t n = 0; n < updated.size(); ++n) {
            tests.push_back("IF(" + relinked + ", " + linked_anew[n] + ", " + updated[n] + ")");
        }
        const std::string left = leave();
        return body(
            when(relinked + " OR " + sql_.columns_changed(),
                 (left.empty() ? "" : when(relinked, left)) +
                     (side_.other().is_part ? carry_to_part(tests)
                                            : look_up(tests, "NEW", shared) + write_if_found())));
    }

    [[nodiscard]] std::string after_delete() const
    {
        if (side_.only_takes() || !side_.has_part()) {
            return {};
        }
        if (side_.own().is_part) {
            return body(clear());
        }
        const std::string is_there = "EXISTS (SELECT 1 FROM " + sql_.other_table() + " WHERE " +
                                     sql_.other_link_is("OLD") + ")";
        return body(when(no(sql_.all_absent(sql_.in("OLD"))) + " OR " + is_there, remove()));
    }

private:
    [[nodiscard]] static std::string no(const std::string& condition)
    {
        return "NOT (" + condition + ")";
    }

    [[nodiscard]] std::size_t count() const { return side_.sync.columns.size(); }

    [[nodiscard]] ColumnAt now() const { return sql_.in("NEW"); }

    /// A part's row has a whole, and what leads somewhere leads to a row.
    [[nodiscard]] bool is_other_expected() const
    {
        return side_.own().is_part || (!side_.has_part() && !side_.is_new);
    }

    [[nodiscard]] std::string is_missing(const std::string& which) const
    {
        return "NOT EXISTS (SELECT 1 FROM " + sql_.own_table() + " WHERE " + which + ")";
    }

    [[nodiscard]] std::string body(const std::string& statements) const
    {
        std::string text = "BEGIN\nDECLARE sluice_found INT DEFAULT NULL;\n";
        for (std::size_t n = 0; n < count(); ++n) {
            text += "DECLARE " + number(n) + " BOOLEAN DEFAULT FALSE;\n";
        }
        return text + "DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;\n" + statements + "END";
    }

    [[nodiscard]] std::string any_number() const
    {
        std::vector<std::string> numbers;
        for (std::size_t n = 0; n < count(); ++n) {
            numbers.push_back(number(n));
        }
        return joined(numbers, " OR ");
    }

    [[nodiscard]] std::string find(const char* row) const
    {
        return "SET sluice_found = NULL;\nSELECT 1 INTO sluice_found FROM " + sql_.other_table() +
               " WHERE " + sql_.other_link_is(row) + ";\n";
    }

    /// Is there another row, and what is true of each of its columns?
    [[nodiscard]] std::string look_up(const std::vector<std::string>& tests, const char* row,
                                      const char* lock) const
    {
        std::string values;
        std::string variables;
        for (std::size_t n = 0; n < tests.size(); ++n) {
            values += ", (" + tests[n] + ")";
            variables += ", " + number(n);
        }
        return "SET sluice_found = NULL;\nSELECT 1" + values + " INTO sluice_found" + variables +
               " FROM " + sql_.other_table() + " WHERE " + sql_.other_link_is(row) + lock + ";\n";
    }

    [[nodiscard]] std::string take(LinkEvent event, const char* row, const char* lock) const
    {
        std::vector<std::string> tests;
        std::string set;
        for (std::size_t n = 0; n < count(); ++n) {
            tests.push_back(sql_.takes(event, n, now(), sql_.in_other()));
            if (tests.back().empty()) {
                return {};
            }
            set += when("sluice_found = 1 AND " + number(n),
                        "SET NEW." + dialect_.quote(side_.own_column(n).name) + " = (SELECT " +
                            sql_.in_other()(side_.other_column(n).name) + " FROM " +
                            sql_.other_table() + " WHERE " + sql_.other_link_is(row) + ");\n");
        }
        return look_up(tests, row, lock) + set;
    }

    [[nodiscard]] std::vector<std::string> carried(LinkEvent event) const
    {
        std::vector<std::string> tests;
        for (std::size_t n = 0; n < count(); ++n) {
            tests.push_back(sql_.carries(event, n, now(), sql_.in_other()));
        }
        return tests;
    }

    [[nodiscard]] std::string carry_to_part(const std::vector<std::string>& tests) const
    {
        return find("NEW") + when("sluice_found = 1", look_up(tests, "NEW", shared)) +
               write_if_found() +
               when("sluice_found IS NULL AND " + no(sql_.all_absent(now())), insert(tests));
    }

    [[nodiscard]] std::string write_if_found() const
    {
        std::string set;
        for (std::size_t n = 0; n < count(); ++n) {
            const std::string column = dialect_.quote(side_.other_column(n).name);
            set += (n == 0 ? "" : ", ") + column + " = IF(" + number(n) + ", " +
                   now()(side_.own_column(n).name) + ", " + column + ")";
        }
        return when("sluice_found = 1 AND (" + any_number() + ")",
                    guarded("UPDATE " + sql_.other_table() + " SET " + set + " WHERE " +
                            sql_.other_link_is("NEW") + ";\n"));
    }

    /// Where another transaction was faster, its row is written.
    [[nodiscard]] std::string insert(const std::vector<std::string>& tests) const
    {
        std::string names;
        std::string values;
        for (std::size_t n = 0; n < side_.own().link.size(); ++n) {
            names += (n == 0 ? "" : ", ") + dialect_.quote(side_.other().link[n].name);
            values += (n == 0 ? "" : ", ") + now()(side_.own().link[n].name);
        }
        for (std::size_t n = 0; n < count(); ++n) {
            names += ", " + dialect_.quote(side_.other_column(n).name);
            values += ", " + now()(side_.own_column(n).name);
        }
        return guarded("DECLARE CONTINUE HANDLER FOR 1062 BEGIN\n" + look_up(tests, "NEW", shared) +
                       write_if_found() + "END;\nINSERT INTO " + sql_.other_table() + " (" + names +
                       ") VALUES (" + values + ");\n");
    }

    [[nodiscard]] std::string remove() const
    {
        return unless_in_use("DELETE FROM " + sql_.other_table() + " WHERE " +
                             sql_.other_link_is("OLD") + ";\n");
    }

    /// What is done about the rows that the old link led to.
    [[nodiscard]] std::string leave() const
    {
        if (!side_.has_part()) {
            return {};
        }
        if (side_.own().is_part) {
            return clear();
        }
        const std::string set = joined(sql_.moved_with_values(), ", ");
        return find("OLD") +
               when("sluice_found = 1", guarded("UPDATE " + sql_.other_table() + " SET " + set +
                                                " WHERE " + sql_.other_link_is("OLD") + ";\n") +
                                            remove());
    }

    /// The whole's row has lost its part.
    [[nodiscard]] std::string clear() const
    {
        std::string set;
        std::vector<std::string> tests;
        for (std::size_t n = 0; n < count(); ++n) {
            set += (n == 0 ? "" : ", ") + dialect_.quote(side_.other_column(n).name) + " = " +
                   sql_.absent(n);
            tests.push_back(sql_.other_says(n, sql_.in_other()));
        }
        return look_up(tests, "OLD", shared) +
               when("sluice_found = 1 AND (" + any_number() + ")",
                    guarded("UPDATE " + sql_.other_table() + " SET " + set + " WHERE " +
                            sql_.other_link_is("OLD") + ";\n"));
    }

    const MysqlDialect& dialect_;
    const LinkSide& side_;
    LinkSql sql_;
};

struct Suffix {
    const char* name;
    const char* when;
    std::string (Bodies::*body)() const;
};

const std::vector<Suffix>& suffixes()
{
    static const std::vector<Suffix> all{{"bup", "BEFORE UPDATE", &Bodies::before_update},
                                         {"bin", "BEFORE INSERT", &Bodies::before_insert},
                                         {"upd", "AFTER UPDATE", &Bodies::after_update},
                                         {"del", "AFTER DELETE", &Bodies::after_delete},
                                         {"ins", "AFTER INSERT", &Bodies::after_insert}};
    return all;
}

TableName trigger_of(const LinkSide& side, const TableName& table, const char* suffix)
{
    return {table.schema, "sluice_" + side.name + "_" + suffix};
}

void append(std::vector<std::string>& to, const std::vector<std::string>& statements)
{
    to.insert(to.end(), statements.begin(), statements.end());
}

} // namespace

std::vector<std::string> create_link_side(const MysqlDialect& dialect, const LinkSync& sync,
                                          const TableName& table, const TableName& now_called)
{
    std::vector<std::string> statements;
    for (const LinkSide& side : sides_of(sync)) {
        if (side.own().name != table) {
            continue;
        }
        const Bodies bodies(dialect, side);
        for (const Suffix& suffix : suffixes()) {
            const std::string body = (bodies.*suffix.body)();
            if (!body.empty()) {
                append(statements,
                       create_trigger(dialect, {trigger_of(side, now_called, suffix.name),
                                                suffix.when, now_called, body}));
            }
        }
    }
    return statements;
}

std::vector<std::string> create_link_sync(const MysqlDialect& dialect, const LinkSync& sync)
{
    std::vector<std::string> statements =
        create_link_side(dialect, sync, sync.from.name, sync.from.name);
    append(statements, create_link_side(dialect, sync, sync.to.name, sync.to.name));
    return statements;
}

std::vector<std::string> drop_link_sync(const MysqlDialect& dialect, const LinkSync& sync)
{
    std::vector<std::string> statements;
    for (const LinkSide& side : sides_of(sync)) {
        for (const Suffix& suffix : suffixes()) {
            statements.push_back(
                drop_trigger(dialect, trigger_of(side, side.own().name, suffix.name)));
        }
    }
    return statements;
}

} // namespace sluice::mysql
