#pragma once
// What the triggers of a table sync are made of, the same for all engines: one of the two tables as
// its own triggers see it, and the tests between a row of it and its row in the other. Private to
// db/.

#include "sluice/db/dialect.h"
#include "sluice/db/sync_sql.h"
#include "sluice/db/table_sync.h"

#include <string>
#include <vector>

namespace sluice {

/// A table whose writes are carried to the other.
struct SyncSide {
    const SyncedTable& own;
    const SyncedTable& other;
    bool is_new = false;   ///< `own` is the new table
    bool is_alone = false; ///< nothing is carried the other way
    std::string name;      ///< of its triggers
};

[[nodiscard]] std::vector<SyncSide> sides_of(const TableSync& sync);

[[nodiscard]] const Column& column_of(const SyncedTable& table, const std::string& name);

class SideSql {
public:
    SideSql(const Dialect& dialect, const SyncSide& side) : dialect_(dialect), side_(side) {}

    /// "key = NEW.key AND …" over the rows of one of the tables; `row` is a row of the own one.
    [[nodiscard]] std::string key_of_other(const std::string& row) const;
    [[nodiscard]] std::string key_of_own(const std::string& row) const;
    /// NEW's key as a list of values, the other table's key as a list of names.
    [[nodiscard]] std::vector<std::string> key_values(const std::string& row) const;

    /// The value of one of the other table's columns over an own row.
    [[nodiscard]] Computed value(const CarriedColumn& carried, const ColumnAt& own) const;
    /// The value of one of the own columns over the other row.
    [[nodiscard]] Computed back(const CarriedColumn& carried, const ColumnAt& other) const;

    /// Boolean SQL: the key of NEW is not that of OLD; NEW differs from OLD in what is carried.
    [[nodiscard]] std::string key_changed() const;
    [[nodiscard]] std::string sources_changed() const;

    [[nodiscard]] std::string differs(const std::string& a, const std::string& b,
                                      const Column& column) const;

    /// The own columns that carry() is computed from, each with its way back; empty where one has
    /// none, or where nothing goes back.
    [[nodiscard]] std::vector<const CarriedColumn*> ways_back(const CarriedColumn& carried) const;

private:
    [[nodiscard]] std::string matches(const std::vector<std::string>& key,
                                      const std::string& row) const;

    const Dialect& dialect_;
    const SyncSide& side_;
};

} // namespace sluice
