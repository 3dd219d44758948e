#pragma once
// SQLite keeps the definition of a table as the text of its CREATE TABLE, and tells several things
// (collations, checks, generated expressions) in no other way. This reads that text: the columns
// and the constraints with their places in it, and edits the two things that ALTER TABLE cannot
// change there, NOT NULL and DEFAULT. Pure text in, pure text out.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct ConstraintSql {
    enum class Kind {
        primary_key,
        not_null,
        null,
        unique,
        check,
        default_value,
        collate,
        references,
        generated,
        foreign_key, ///< of the table; `references` is the column's form
    };

    Kind kind = Kind::null;
    std::string name; ///< as in CONSTRAINT name; mostly empty
    /// What the kind is about: the expression of a check or a generated column with its
    /// parentheses, the value of a default as written, the collation's name, the columns and the
    /// rest of a key as written.
    std::string text;
    bool has_conflict_clause = false;
    std::size_t begin = 0; ///< the whole constraint in the text, CONSTRAINT name included
    std::size_t end = 0;
};

struct ColumnSql {
    std::string name;
    std::string type; ///< as written; may be empty
    std::vector<ConstraintSql> constraints;
    std::size_t begin = 0; ///< the whole definition in the text, without the comma
    std::size_t end = 0;
    std::size_t type_end = 0; ///< where name and type end and constraints may be put

    [[nodiscard]] const ConstraintSql* find(ConstraintSql::Kind kind) const;
};

struct TableSql {
    std::vector<ColumnSql> columns;
    std::vector<ConstraintSql> constraints;

    [[nodiscard]] const ColumnSql* find(std::string_view column) const; ///< by case-folded name
};

/// Reads the text of a CREATE TABLE as sqlite_schema holds it. Throws Error{internal} for anything
/// else.
[[nodiscard]] TableSql read_table_sql(std::string_view create_table);

/// The same text with NOT NULL on the column, or without it; unchanged where it is so already.
/// Throws Error{refused} where the text holds what could not be put back (a conflict clause).
[[nodiscard]] std::string with_not_null(std::string_view create_table, std::string_view column);
[[nodiscard]] std::string without_not_null(std::string_view create_table, std::string_view column);
/// The same text with this default (an expression, put in parentheses where it needs them), or
/// without any.
[[nodiscard]] std::string with_default(std::string_view create_table, std::string_view column,
                                       const std::optional<std::string>& value);

/// The text of a CREATE INDEX with another name for the index.
[[nodiscard]] std::string with_index_name(std::string_view create_index, std::string_view name);

} // namespace sluice
