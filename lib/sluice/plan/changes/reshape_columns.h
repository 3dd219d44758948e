#pragma once
// The columns of a reshape at each point of their life, their triggers, and the SQL of their
// values. Private to plan/.

#include "sluice/plan/changes/reshape.h"

#include <string>
#include <vector>

namespace sluice {

class ReshapeColumns {
public:
    /// Throws Error{refused} for a table without a usable key. Both must outlive it.
    ReshapeColumns(const Reshape& reshape, const Site& site);

    /// What lets an INSERT leave the old columns out, from expand on.
    [[nodiscard]] std::vector<Alteration> made_optional() const;

    [[nodiscard]] const std::vector<Column>& olds() const { return olds_; } ///< until contract

    [[nodiscard]] std::vector<Column> kept() const;      ///< until purge
    [[nodiscard]] std::vector<Column> bare_news() const; ///< until contract
    [[nodiscard]] std::vector<Column> news() const;      ///< in the end

    [[nodiscard]] Sync both() const;    ///< until contract
    [[nodiscard]] Sync reverse() const; ///< until purge

    [[nodiscard]] Action backfill() const;
    /// In step: every new column is what the old ones give, or every old one is what the new ones
    /// give, so that nothing is lost.
    [[nodiscard]] Action verification() const;

    // For messages: "a", "b" and "c".
    [[nodiscard]] std::string old_names() const;
    [[nodiscard]] std::string new_names() const;
    [[nodiscard]] std::vector<std::string> every_name() const;
    [[nodiscard]] std::string reads() const; ///< the SQL that the file gives

private:
    [[nodiscard]] std::string value(const ShapeColumn& column) const;
    [[nodiscard]] std::string all_null(const std::vector<ShapeColumn>& columns) const;
    [[nodiscard]] std::string are_as_computed(const std::vector<ShapeColumn>& columns) const;

    const Reshape& reshape_;
    const Site& site_;
    std::vector<Column> key_;
    std::vector<Column> olds_;
};

} // namespace sluice
