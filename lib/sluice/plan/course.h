#pragma once
// The tables of a migration followed from the end of expand to the end of contract: what becomes of
// each, and of each of its columns. Private to plan/.

#include "sluice/plan/changes/outline.h"

#include <map>
#include <string>
#include <vector>

namespace sluice {

struct Followed {
    Table after_expand;
    Table after_contract;
    bool is_gone = false; ///< after contract
    /// What the columns are called after contract, by their names after expand.
    std::map<std::string, std::string> names;

    /// After contract; nullptr: it is gone, or goes by a name that nobody should use.
    [[nodiscard]] const Column* last(const std::string& column) const;
    [[nodiscard]] bool is_put_aside() const;
};

class Course {
public:
    /// All that it is given outlives it.
    Course(const std::vector<Outline>& outlines, const Catalog& catalog, const Dialect& dialect);

    /// By its name after expand. A table that nothing is done to stays as it is.
    [[nodiscard]] Followed of(const Table& table) const;

    /// The tables that something is done to, those that are made among them.
    [[nodiscard]] const std::vector<Followed>& tables() const { return tables_; }

private:
    void follow(const std::vector<Group>& groups);
    void follow(const Alteration& alteration);
    [[nodiscard]] Followed* find(const TableName& name);

    const Catalog& catalog_;
    const Dialect& dialect_;
    std::vector<Followed> tables_;
};

} // namespace sluice
