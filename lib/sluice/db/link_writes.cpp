#include "sluice/db/link_writes.h"

namespace sluice {

namespace {

/// A row beside the one that a statement reads or writes.
constexpr const char* third = "sluice_third";

class Writer {
public:
    Writer(const Dialect& dialect, const LinkSide& side, const LinkWords& words)
        : dialect_(dialect), side_(side), words_(words), sql_(dialect, side)
    {
    }

    [[nodiscard]] LinkWrites on(LinkEvent event) const
    {
        LinkWrites writes;
        if (event == LinkEvent::relink && !side_.only_takes()) {
            add(writes, leave());
        }
        add(writes, take(event));
        add(writes, carry(event));
        if (side_.other().is_part && !side_.only_takes()) {
            writes.push_back({insert(event)});
        }
        return writes;
    }

    [[nodiscard]] LinkWrites on_delete() const
    {
        if (side_.only_takes()) {
            return {};
        }
        if (side_.other().is_part) {
            return {{"DELETE FROM " + sql_.other_table() + " WHERE " + sql_.other_link_is("OLD") +
                         " AND " + no_own_is_left() + ";\n",
                     true}};
        }
        LinkWrites writes;
        if (side_.own().is_part) {
            add(writes, clear(sql_.other_link_is("OLD") + " AND " + no_own_is_left() + " AND "));
        }
        return writes;
    }

    [[nodiscard]] LinkWrites on_truncate() const
    {
        if (side_.only_takes()) {
            return {};
        }
        if (side_.other().is_part) {
            return {{"DELETE FROM " + sql_.other_table() + ";\n", true}};
        }
        LinkWrites writes;
        if (side_.own().is_part) {
            add(writes, clear(""));
        }
        return writes;
    }

private:
    static void add(LinkWrites& writes, const LinkWrites& more)
    {
        writes.insert(writes.end(), more.begin(), more.end());
    }

    static void add(LinkWrites& writes, const std::string& sql)
    {
        if (!sql.empty()) {
            writes.push_back({sql});
        }
    }

    [[nodiscard]] std::size_t count() const { return side_.sync.columns.size(); }

    [[nodiscard]] ColumnAt own() const { return sql_.in_own(); }

    [[nodiscard]] ColumnAt other() const { return sql_.in_other(); }

    [[nodiscard]] std::string no_own_is_left() const
    {
        return "NOT EXISTS (SELECT 1 FROM " + sql_.own_table() + " WHERE " +
               sql_.own_link_is("OLD") + ")";
    }

    /// What is done about the rows that the old link led to.
    [[nodiscard]] LinkWrites leave() const { return side_.other().is_part ? move() : on_delete(); }

    /// With what the own row says now, or the row that moves would write the old values back.
    [[nodiscard]] LinkWrites move() const
    {
        const std::string set = joined(sql_.moved_with_values(), ", ");
        const std::string there =
            " WHERE " + sql_.other_link_is("OLD") + " AND " + no_own_is_left();
        const std::string taken = "EXISTS (SELECT 1 FROM " + sql_.other_table() + " AS " + third +
                                  " WHERE " + sql_.are_linked(sql_.in("NEW"), sql_.in(third)) + ")";
        return {{words_.update + sql_.other_table() + " SET " + set + there + " AND NOT " + taken +
                 ";\n"},
                {"DELETE FROM " + sql_.other_table() + there + ";\n", true}};
    }

    /// The whole's row has lost its part.
    [[nodiscard]] std::string clear(const std::string& which) const
    {
        std::string set;
        std::vector<std::string> tests;
        for (std::size_t n = 0; n < count(); ++n) {
            set += (n == 0 ? "" : ", ") + dialect_.quote(side_.other_column(n).name) + " = " +
                   sql_.absent(n);
            tests.push_back(sql_.other_says(n, other()));
        }
        return words_.update + sql_.other_table() + " SET " + set + " WHERE " + which + "(" +
               joined(tests, " OR ") + ");\n";
    }

    [[nodiscard]] std::string take(LinkEvent event) const
    {
        std::string set;
        std::vector<std::string> any;
        for (std::size_t n = 0; n < count(); ++n) {
            std::string test = sql_.takes(event, n, own(), other());
            if (test.empty()) {
                return {};
            }
            test += side_.other().has_unique_link ? "" : " AND " + all_agree(n);
            const std::string& column = side_.own_column(n).name;
            set += (n == 0 ? "" : ", ") + dialect_.quote(column) + " = CASE WHEN " + test +
                   " THEN " + other()(side_.other_column(n).name) + " ELSE " + own()(column) +
                   " END";
            any.push_back("(" + test + ")");
        }
        return words_.update + sql_.own_table() + " SET " + set + " FROM " + sql_.other_table() +
               " WHERE " + sql_.key_is("NEW") + " AND " + sql_.are_linked(own(), other()) +
               " AND (" + joined(any, " OR ") + ");\n";
    }

    [[nodiscard]] std::string all_agree(std::size_t n) const
    {
        const Column& column = side_.other_column(n);
        return "NOT EXISTS (SELECT 1 FROM " + sql_.other_table() + " AS " + third + " WHERE " +
               sql_.are_linked(own(), sql_.in(third)) + " AND " +
               dialect_.differs(sql_.in(third)(column.name), other()(column.name), column.type) +
               ")";
    }

    [[nodiscard]] std::string carry(LinkEvent event) const
    {
        std::string set;
        std::vector<std::string> any;
        for (std::size_t n = 0; n < count(); ++n) {
            const std::string test = sql_.carries(event, n, own(), other());
            if (test.empty()) {
                return {};
            }
            set += (n == 0 ? "" : ", ") + chosen(n, test, own(), other());
            any.push_back("(" + test + ")");
        }
        return words_.update + sql_.other_table() + " SET " + set + " FROM " + sql_.own_table() +
               " WHERE " + sql_.key_is("NEW") + " AND " + sql_.are_linked(own(), other()) +
               " AND (" + joined(any, " OR ") + ");\n";
    }

    [[nodiscard]] std::string chosen(std::size_t n, const std::string& test, const ColumnAt& from,
                                     const ColumnAt& held) const
    {
        const std::string& column = side_.other_column(n).name;
        return dialect_.quote(column) + " = CASE WHEN " + test + " THEN " +
               from(side_.own_column(n).name) + " ELSE " + held(column) + " END";
    }

    [[nodiscard]] std::string insert(LinkEvent event) const
    {
        std::string names;
        std::string values;
        for (std::size_t n = 0; n < side_.own().link.size(); ++n) {
            names += (n == 0 ? "" : ", ") + dialect_.quote(side_.other().link[n].name);
            values += (n == 0 ? "" : ", ") + own()(side_.own().link[n].name);
        }
        for (std::size_t n = 0; n < count(); ++n) {
            names += ", " + dialect_.quote(side_.other_column(n).name);
            values += ", " + own()(side_.own_column(n).name);
        }
        return words_.insert + sql_.other_table() + " (" + names + ") SELECT " + values + " FROM " +
               sql_.own_table() + " WHERE " + sql_.key_is("NEW") + " AND NOT (" +
               sql_.all_absent(own()) + ") AND NOT EXISTS (SELECT 1 FROM " + sql_.other_table() +
               " WHERE " + sql_.are_linked(own(), other()) + ")" + met(event) + ";\n";
    }

    /// Another transaction was faster.
    [[nodiscard]] std::string met(LinkEvent event) const
    {
        if (!words_.meets_others) {
            return {};
        }
        // The row that was to be inserted goes by the names of the table that it was for.
        const ColumnAt excluded = [this](const std::string& column) {
            return "excluded." + dialect_.quote(other_name_of(column));
        };
        std::string names;
        for (const Column& column : side_.other().link) {
            names += (names.empty() ? "" : ", ") + dialect_.quote(column.name);
        }
        std::string set;
        std::vector<std::string> any;
        for (std::size_t n = 0; n < count(); ++n) {
            const std::string test = sql_.carries(event, n, excluded, other());
            set += (n == 0 ? "" : ", ") + chosen(n, test, excluded, other());
            any.push_back("(" + test + ")");
        }
        return " ON CONFLICT (" + names + ") DO UPDATE SET " + set + " WHERE " +
               joined(any, " OR ");
    }

    [[nodiscard]] const std::string& other_name_of(const std::string& own_column) const
    {
        for (std::size_t n = 0; n < count(); ++n) {
            if (side_.own_column(n).name == own_column) {
                return side_.other_column(n).name;
            }
        }
        return own_column;
    }

    const Dialect& dialect_;
    const LinkSide& side_;
    const LinkWords& words_;
    LinkSql sql_;
};

} // namespace

LinkWrites writes_on(LinkEvent event, const Dialect& dialect, const LinkSide& side,
                     const LinkWords& words)
{
    return Writer(dialect, side, words).on(event);
}

LinkWrites writes_on_delete(const Dialect& dialect, const LinkSide& side, const LinkWords& words)
{
    return Writer(dialect, side, words).on_delete();
}

LinkWrites writes_on_truncate(const Dialect& dialect, const LinkSide& side, const LinkWords& words)
{
    return Writer(dialect, side, words).on_truncate();
}

} // namespace sluice
