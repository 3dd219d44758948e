#pragma once
// What the triggers of a link sync are made of, the same for all engines: one of the two tables as
// its own triggers see it, and when a column of a row takes the other row's value or is written to
// it. Private to db/.

#include "sluice/db/dialect.h"
#include "sluice/db/link_sync.h"
#include "sluice/db/sync_sql.h"

#include <string>
#include <vector>

namespace sluice {

/// A table whose writes are carried to the other, or whose rows take what that holds.
struct LinkSide {
    const LinkSync& sync;
    bool is_new = false;
    std::string name; ///< of its triggers

    [[nodiscard]] const LinkedTable& own() const { return is_new ? sync.to : sync.from; }

    [[nodiscard]] const LinkedTable& other() const { return is_new ? sync.from : sync.to; }

    [[nodiscard]] const Column& own_column(std::size_t n) const
    {
        return is_new ? sync.columns[n].to : sync.columns[n].from;
    }

    [[nodiscard]] const Column& other_column(std::size_t n) const
    {
        return is_new ? sync.columns[n].from : sync.columns[n].to;
    }

    /// Is one of the two tables a part of the other?
    [[nodiscard]] bool has_part() const { return own().is_part || other().is_part; }

    /// Nobody but the triggers of the new table writes the old columns.
    [[nodiscard]] bool is_reverse() const { return sync.direction == LinkDirection::reverse; }

    /// Nothing is carried from it.
    [[nodiscard]] bool only_takes() const { return is_reverse() && !is_new; }
};

[[nodiscard]] std::vector<LinkSide> sides_of(const LinkSync& sync);

/// What happened to an own row: it is new, its link changed, or columns of it did.
enum class LinkEvent { insert, relink, update };

class LinkSql {
public:
    LinkSql(const Dialect& dialect, const LinkSide& side) : dialect_(dialect), side_(side) {}

    /// Boolean SQL: does an own row take the other's value of column n? Is its own value written
    /// there? `own` and `other` say how SQL at the place calls a column of the two rows. Empty:
    /// never.
    [[nodiscard]] std::string takes(LinkEvent event, std::size_t n, const ColumnAt& own,
                                    const ColumnAt& other) const;
    [[nodiscard]] std::string carries(LinkEvent event, std::size_t n, const ColumnAt& own,
                                      const ColumnAt& other) const;

    /// Boolean SQL: has the own row nothing to say?
    [[nodiscard]] std::string all_absent(const ColumnAt& own) const;
    [[nodiscard]] std::string any_absent(const ColumnAt& own) const;
    /// The default of a column, and the test that the other row holds another.
    [[nodiscard]] std::string absent(std::size_t n) const;
    [[nodiscard]] std::string other_says(std::size_t n, const ColumnAt& other) const;

    /// Boolean SQL between NEW and OLD.
    [[nodiscard]] std::string link_changed() const;
    [[nodiscard]] std::string columns_changed() const;

    /// "other.link = own.link AND …", a row of either table by how it is called.
    [[nodiscard]] std::string are_linked(const ColumnAt& own, const ColumnAt& other) const;
    /// "table.column = NEW.column AND …" over the own table's key, or its link.
    [[nodiscard]] std::string is_own(const std::vector<Column>& columns, const char* row) const;

    [[nodiscard]] std::string key_is(const char* row) const { return is_own(side_.own().key, row); }

    [[nodiscard]] std::string own_link_is(const char* row) const
    {
        return is_own(side_.own().link, row);
    }

    /// The same over the other table's link.
    [[nodiscard]] std::string other_link_is(const char* row) const;

    /// What makes the other row that belonged to OLD belong to NEW: "link = NEW.link", and the
    /// columns, but for what the own row has not been filled with.
    [[nodiscard]] std::vector<std::string> moved_with_values() const;

    [[nodiscard]] ColumnAt in_own() const; ///< the own table's row, where a statement reads it
    [[nodiscard]] ColumnAt in_other() const;
    [[nodiscard]] ColumnAt in(std::string row) const; ///< NEW, OLD, an alias

    [[nodiscard]] std::string own_table() const { return dialect_.quote(side_.own().name); }

    [[nodiscard]] std::string other_table() const { return dialect_.quote(side_.other().name); }

private:
    [[nodiscard]] std::string differs(std::size_t n, const ColumnAt& own,
                                      const ColumnAt& other) const;
    [[nodiscard]] std::vector<std::string> absences(const ColumnAt& own) const;
    [[nodiscard]] std::string is_absent(std::size_t n, const std::string& value) const;
    [[nodiscard]] std::string changed(std::size_t n) const;

    const Dialect& dialect_;
    const LinkSide& side_;
};

} // namespace sluice
