#pragma once
// SQL cut into tokens, by the quoting rules of one engine. No grammar: enough to find a keyword
// that is really a keyword, a name that is really a name, and the exact place of both in the text.
// Comments and white space are left out. Text that ends inside a quote or a comment ends there.

#include "sluice/db/url.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct Token {
    enum class Kind {
        word,   ///< an identifier or keyword without quotes
        name,   ///< a quoted identifier; `text` is without its quotes
        string, ///< a literal, dollar-quoted ones included; `text` is as written
        number,
        symbol, ///< one character of anything else
    };

    Kind kind = Kind::symbol;
    std::string text;
    std::size_t begin = 0; ///< offsets into the text that was cut
    std::size_t end = 0;

    /// Is it this keyword (given in upper case)? A quoted name never is.
    [[nodiscard]] bool is(std::string_view keyword) const;
    [[nodiscard]] bool is_symbol(char c) const;

    [[nodiscard]] bool is_name() const { return kind == Kind::word || kind == Kind::name; }
};

[[nodiscard]] std::vector<Token> tokenize(std::string_view sql, Engine engine);

/// The names that a piece of SQL mentions, quoted or not, each once, in order; keywords and
/// function names are among them.
[[nodiscard]] std::vector<std::string> names_in(std::string_view sql, Engine engine);

/// Does the SQL mention this column? Compares without regard to case, as the engines that have to
/// guess do.
[[nodiscard]] bool mentions(std::string_view sql, std::string_view column, Engine engine);

} // namespace sluice
