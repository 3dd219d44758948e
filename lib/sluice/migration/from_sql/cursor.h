#pragma once
// Walks the tokens of one statement. Private to migration/from_sql/.

#include "sluice/db/tokens.h"
#include "sluice/migration/change.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class SqlCursor {
public:
    SqlCursor(std::string_view sql, Engine engine);

    [[nodiscard]] bool at_end() const { return at_ >= tokens_.size(); }

    [[nodiscard]] bool is(std::string_view word) const
    {
        return !at_end() && tokens_[at_].is(word);
    }

    [[nodiscard]] bool is_any(const std::vector<std::string_view>& words) const;

    [[nodiscard]] bool is_symbol(char c) const { return !at_end() && tokens_[at_].is_symbol(c); }

    /// Goes past these words where they stand here, in a row.
    bool take(std::initializer_list<std::string_view> words);
    bool take_symbol(char c);
    std::optional<std::string> take_name();
    std::optional<TableName> take_table();
    /// What stands here up to a comma, a closing parenthesis or the end, or one of `ends`, whatever
    /// is inside parentheses or brackets; as written.
    std::string take_text(const std::vector<std::string_view>& ends = {});
    /// (a, b DESC, lower(c)): its parts as written; nothing where no parenthesis opens here.
    std::vector<std::string> take_list();
    /// (a, "B"): names alone; nothing, and the cursor where it was, for anything else.
    std::vector<std::string> take_names();

    [[nodiscard]] std::size_t place() const { return at_; }

    void go_back(std::size_t place) { at_ = place; }

    /// As written, from that place to here.
    [[nodiscard]] std::string text_since(std::size_t place) const;

private:
    std::string_view sql_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
};

/// The words at which a column's type has ended.
[[nodiscard]] const std::vector<std::string_view>& after_type();

/// NAME TYPE [NOT NULL | NULL] [DEFAULT …] [FIRST | AFTER …]
struct ColumnText {
    std::string name;
    std::string type;
    bool is_not_null = false;
    std::string default_sql; ///< empty: none
    bool has_place = false;  ///< FIRST or AFTER was said
    std::string unknown;     ///< the first word of what else stands in it; empty: nothing else
};

/// Leaves the cursor at the comma, the parenthesis or the end after it.
[[nodiscard]] std::optional<ColumnText> take_column(SqlCursor& cursor);
/// The same without its name.
[[nodiscard]] ColumnText take_column_shape(SqlCursor& cursor);

} // namespace sluice
