#pragma once
// SQL as text, for what a database will not tell in any other way: SQLite keeps a schema only as
// the statements that made it, and no engine says whether a default is a constant. Splits a
// statement into tokens and puts names and values into quotes; it does not parse. Private to db/.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The text between two quote characters, with each quote character inside doubled.
[[nodiscard]] std::string enclosed(std::string_view text, char quote);

/// ASCII only, as SQL keywords are.
[[nodiscard]] std::string lower_case(std::string_view text);
[[nodiscard]] std::string upper_case(std::string_view text);
[[nodiscard]] std::string_view trimmed(std::string_view text);

enum class TokenKind {
    word,   ///< a keyword or a plain name
    quoted, ///< a name in "…", `…` or […]
    string, ///< '…', x'…', e'…', $tag$…$tag$
    number,
    symbol, ///< one character, or :: || <= >= <> != ->
};

struct Token {
    TokenKind kind = TokenKind::symbol;
    std::string text;      ///< quoted names and plain strings without their quotes
    std::size_t begin = 0; ///< offsets into the statement
    std::size_t end = 0;

    friend bool operator==(const Token&, const Token&) = default;
};

enum class Backslash { literal, escapes };

/// All tokens but spaces and comments. An unterminated quote reaches to the end of the text.
[[nodiscard]] std::vector<Token> tokens_of(std::string_view sql,
                                           Backslash backslash = Backslash::literal);

/// Is this token the keyword (case is ignored)?
[[nodiscard]] bool is_word(const Token& token, std::string_view keyword);
[[nodiscard]] bool is_symbol(const Token& token, std::string_view symbol);

/// Does the name occur in the SQL as a word or a quoted name (case is ignored)?
[[nodiscard]] bool mentions(std::string_view sql, std::string_view name);

} // namespace sluice
