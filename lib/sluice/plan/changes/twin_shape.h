#pragma once
// A twin and its old column at each point of their life: names, columns, triggers, indexes, and the
// SQL of their values. Private to plan/.

#include "sluice/plan/changes/twin.h"

#include <string>
#include <vector>

namespace sluice {

class TwinShape {
public:
    /// Throws Error{refused} for a table without a usable key.
    TwinShape(const Twin& twin, const Site& site);

    [[nodiscard]] const TableName& table() const { return site_.table.name; }

    /// By which the table is walked.
    [[nodiscard]] const std::vector<Column>& key() const { return key_; }

    /// The two columns from expand to contract.
    [[nodiscard]] const Column& old() const { return old_; }

    [[nodiscard]] const Column& column() const { return column_; }

    /// The old column from contract to purge.
    [[nodiscard]] Column kept() const;

    /// The twin has the name it is to have from the beginning.
    [[nodiscard]] bool is_renamed() const { return twin_.name == twin_.next.name; }

    /// Both columns hold the same value of the same type.
    [[nodiscard]] bool is_copy() const;

    /// The new value over a row of the table, from expand to contract; and the old value.
    [[nodiscard]] std::string up() const;
    [[nodiscard]] std::string down() const;

    [[nodiscard]] Sync both() const;    ///< until contract
    [[nodiscard]] Sync reverse() const; ///< until purge

    /// The old column's indexes; each as the twin has it until contract, and as it is kept.
    [[nodiscard]] std::vector<Index> indexes() const;
    [[nodiscard]] Index twin_index(const Index& index) const;
    [[nodiscard]] Index kept_index(const Index& index) const;

    /// The old column's checks and foreign keys, and each as the twin has it until contract.
    [[nodiscard]] std::vector<Constraint> constraints() const;
    [[nodiscard]] Constraint twin_constraint(const Constraint& constraint) const;

private:
    const Twin& twin_;
    const Site& site_;
    std::vector<Column> key_;
    std::string kept_name_;
    Column old_;
    Column column_;
};

} // namespace sluice
