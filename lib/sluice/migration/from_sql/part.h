#pragma once
// One alteration, understood or not. Private to migration/from_sql/.

#include "sluice/migration/change.h"
#include "sluice/migration/from_sql.h"
#include "sluice/migration/from_sql/cursor.h"

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

using ConstraintChange = std::variant<AddCheckChange, AddForeignKeyChange, AddUniqueChange>;

/// What follows ADD, without the table and the name in the change itself.
struct ConstraintText {
    std::optional<ConstraintChange> change; ///< nullopt: there is none for it
    std::string name;
    std::string reason; ///< why there is none; may be empty
};

[[nodiscard]] ConstraintText take_constraint(SqlCursor& cursor);

/// The parts of ALTER TABLE; none where the statement is another.
[[nodiscard]] std::vector<SqlPart> parts_of_alter_table(std::string_view sql,
                                                        const FromSqlOptions& options);
/// CREATE INDEX, DROP INDEX; nullopt where the statement is another.
[[nodiscard]] std::optional<SqlPart> part_of_index(std::string_view sql,
                                                   const FromSqlOptions& options);
/// CREATE TABLE that is columns and a primary key alone, DROP TABLE; nullopt for any other.
[[nodiscard]] std::optional<SqlPart> part_of_table(std::string_view sql,
                                                   const FromSqlOptions& options);
/// Two changes of one column as one, where they are.
void merge_parts(std::vector<SqlPart>& parts);

} // namespace sluice
