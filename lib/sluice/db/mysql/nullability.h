#pragma once
// NULL and NOT NULL on MySQL and MariaDB: one rebuild for all columns of a group, beside writers,
// and before anything else of the group shows.

#include "sluice/db/alteration.h"
#include "sluice/db/mysql/dialect.h"

#include <cstddef>
#include <vector>

namespace sluice::mysql {

/// What it is made of must outlive it.
class NullabilityActions {
public:
    NullabilityActions(const MysqlDialect& dialect, const std::vector<Alteration>& group,
                       const Table& table)
        : dialect_(dialect), group_(group), table_(table)
    {
    }

    /// Without steps where the group changes nothing of the kind.
    [[nodiscard]] Rendered action() const;
    /// On the way back NOT NULL comes first: where it cannot be, nothing has changed yet.
    [[nodiscard]] Rendered on_undo() const;

private:
    [[nodiscard]] Rendered made() const;
    [[nodiscard]] Column definition_at_start(const SetNullability& a, std::size_t at) const;
    [[nodiscard]] Column definition_at_end(const SetNullability& a, std::size_t at) const;
    void refuse_blocking(const Column& column) const;
    void refuse_copy() const;
    [[nodiscard]] std::vector<Step> modify(const std::vector<Column>& columns) const;

    const MysqlDialect& dialect_;
    const std::vector<Alteration>& group_;
    const Table& table_;
};

} // namespace sluice::mysql
