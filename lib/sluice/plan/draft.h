#pragma once
// A plan while it is made: the tables as they will be at this point of it, and the actions so far.
// Actions are added in the order in which they run. Private to plan/.

#include "sluice/db/alteration.h"
#include "sluice/db/dialect.h"
#include "sluice/plan/action.h"

#include <string>
#include <vector>

namespace sluice {

struct TableAlterations {
    TableName table;
    std::vector<Alteration> alterations;
};

/// Alterations of one table that belong together, and why. Where the first makes the table, there
/// is none of this name yet.
struct Group {
    TableName table;
    std::vector<Alteration> alterations;
    std::string reason;  ///< where the engine has none of its own to give
    std::string summary; ///< of the action that shows, where its alterations say too much
    std::vector<TableAlterations> others; ///< of further tables, which show together with these
};

/// `catalog` and `dialect` must outlive it.
class Draft {
public:
    Draft(const Catalog& catalog, const Dialect& dialect) : catalog_(catalog), dialect_(dialect) {}

    /// Renders the group for the table as it will be, adds the actions, and alters the table.
    void add(Phase phase, const Group& group);
    /// Adds an action that is complete but for its ordinal.
    void add(Action action);
    void note(std::string sentence); ///< once, however often it is given

    /// The table as it will be at this point; nullptr where there is none.
    [[nodiscard]] const Table* find(const TableName& name) const;

    /// The tables as they are before any of it.
    [[nodiscard]] const Catalog& catalog() const { return catalog_; }

    /// Those that the actions so far are about; some of them may only be made by these.
    [[nodiscard]] const std::vector<TableName>& tables() const { return plan_.tables; }

    [[nodiscard]] const Dialect& dialect() const { return dialect_; }

    /// Everything added so far.
    [[nodiscard]] Plan take();

private:
    [[nodiscard]] std::vector<Rendered> rendered(const Group& group, const Table& table) const;
    void follow(const Alteration& alteration);
    void follow_name(const Table& before, const TableName& to);
    void remember(Table table);

    const Catalog& catalog_;
    std::vector<Table> altered_;  ///< by the actions so far, those that they made included
    std::vector<TableName> gone_; ///< dropped, or renamed
    const Dialect& dialect_;
    Plan plan_;
};

} // namespace sluice
