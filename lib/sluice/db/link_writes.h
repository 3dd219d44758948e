#pragma once
// The rules of link_sync.h as statements that each find the rows that they write, for the engines
// whose triggers may write any table: they run after the row was written, and go by how it is now.
// Private to db/.

#include "sluice/db/link_sync_sql.h"

#include <string>
#include <vector>

namespace sluice {

/// In which words an engine writes a row, or leaves it where the table cannot take it.
struct LinkWords {
    std::string update = "UPDATE ";
    std::string insert = "INSERT INTO ";
    /// An INSERT may meet a row that another transaction has made meanwhile.
    bool meets_others = true;
};

struct LinkWrite {
    std::string sql;        ///< ends with ";\n"
    bool is_delete = false; ///< never left out
};

using LinkWrites = std::vector<LinkWrite>;

[[nodiscard]] LinkWrites writes_on(LinkEvent event, const Dialect& dialect, const LinkSide& side,
                                   const LinkWords& words);
[[nodiscard]] LinkWrites writes_on_delete(const Dialect& dialect, const LinkSide& side,
                                          const LinkWords& words);
/// Of all own rows at once.
[[nodiscard]] LinkWrites writes_on_truncate(const Dialect& dialect, const LinkSide& side,
                                            const LinkWords& words);

} // namespace sluice
