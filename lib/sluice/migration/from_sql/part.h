#pragma once
// One alteration, understood or not. Private to migration/from_sql/.

#include "sluice/migration/change.h"
#include "sluice/migration/from_sql.h"

#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// A statement for which there is no declared change.
struct WrittenStatement {
    std::string sql;
    std::string undo;   ///< empty: its author must say it
    std::string wanted; ///< what the undo has to do, where it is empty
};

struct SqlPart {
    std::variant<ChangeKind, WrittenStatement> what;
    std::string understood; ///< a sentence
    TableName table;        ///< may be empty
    std::string subject;    ///< the column or index; for the name of the file
};

[[nodiscard]] SqlPart written_part(std::string sql, const std::string& reason);

/// The parts of ALTER TABLE; none where the statement is another.
[[nodiscard]] std::vector<SqlPart> parts_of_alter_table(std::string_view sql,
                                                        const FromSqlOptions& options);
/// CREATE INDEX, DROP INDEX; nullopt where the statement is another.
[[nodiscard]] std::optional<SqlPart> part_of_index(std::string_view sql,
                                                   const FromSqlOptions& options);
/// Two changes of one column as one, where they are.
void merge_parts(std::vector<SqlPart>& parts);

} // namespace sluice
