#include "sluice/db/statement_end.h"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

bool is_any(const Token& token, std::initializer_list<std::string_view> words)
{
    return std::any_of(words.begin(), words.end(),
                       [&token](std::string_view word) { return token.is(word); });
}

/// CREATE [OR REPLACE] [DEFINER = …] [TEMPORARY] TRIGGER, PROCEDURE, FUNCTION, EVENT: the word that
/// says so comes before the name and any parenthesis.
bool creates_routine(const std::vector<Token>& tokens, std::size_t first)
{
    constexpr std::size_t far_enough = 16;
    if (!tokens[first].is("CREATE")) {
        return false;
    }
    for (std::size_t n = first + 1; n < tokens.size() && n < first + far_enough; ++n) {
        if (is_any(tokens[n], {"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "PACKAGE"})) {
            return true;
        }
        if (is_any(tokens[n], {"TABLE", "VIEW", "INDEX", "AS"})) {
            return false;
        }
    }
    return false;
}

} // namespace

void StatementEnd::set_mark(std::string mark)
{
    mark_ = mark.empty() ? ";" : std::move(mark);
}

std::size_t StatementEnd::mark_in(std::string_view text, const std::vector<Token>& tokens,
                                  std::size_t at, std::size_t first)
{
    if (is_new_ || first != first_) {
        first_ = first;
        is_new_ = false;
        blocks_ = 0;
        parentheses_ = 0;
        const bool is_block = tokens[first].is("BEGIN") && first + 1 < tokens.size() &&
                              tokens[first + 1].is("NOT"); // MariaDB's BEGIN NOT ATOMIC
        has_body_ = creates_routine(tokens, first) || is_block;
    }
    if (mark_ != ";") {
        return own_mark(text, tokens[at]);
    }
    if (tokens[at].is_symbol(';') && blocks_ <= 0 && parentheses_ <= 0) {
        return tokens[at].begin;
    }
    step(tokens, at);
    return std::string_view::npos;
}

/// It may stand right behind a word, as in END$$.
std::size_t StatementEnd::own_mark(std::string_view text, const Token& token) const
{
    if (token.kind == Token::Kind::string || token.kind == Token::Kind::name) {
        return std::string_view::npos;
    }
    for (std::size_t n = token.begin; n < token.end; ++n) {
        if (text.substr(n, mark_.size()) == mark_) {
            return n;
        }
    }
    return std::string_view::npos;
}

void StatementEnd::step(const std::vector<Token>& tokens, std::size_t at)
{
    const Token& token = tokens[at];
    if (token.is_symbol('(')) {
        ++parentheses_;
    } else if (token.is_symbol(')')) {
        --parentheses_;
    } else if (has_body_ && token.kind == Token::Kind::word) {
        step_into(tokens, at);
    }
}

void StatementEnd::step_into(const std::vector<Token>& tokens, std::size_t at)
{
    const Token& token = tokens[at];
    const Token* before = at > first_ ? &tokens[at - 1] : nullptr;
    if (token.is("END")) {
        --blocks_;
        return;
    }
    const bool names_end = before != nullptr && before->is("END");
    if (!names_end && opens_block(tokens, at)) {
        ++blocks_;
    }
}

bool StatementEnd::opens_block(const std::vector<Token>& tokens, std::size_t at) const
{
    const Token& token = tokens[at];
    const Token* next = at + 1 < tokens.size() ? &tokens[at + 1] : nullptr;
    if (engine_ == Engine::postgresql && blocks_ <= 0) {
        return token.is("BEGIN") && next != nullptr && next->is("ATOMIC");
    }
    if (token.is("BEGIN")) {
        return true;
    }
    if (token.is("CASE")) {
        return blocks_ > 0; // outside a body it is an expression, without any ";" in it
    }
    if (engine_ != Engine::mysql || !is_any(token, {"IF", "LOOP", "WHILE", "REPEAT"})) {
        return false;
    }
    const Token& before = tokens[at - 1]; // CREATE comes first
    return before.is_symbol(';') || before.is_symbol(':') ||
           is_any(before, {"BEGIN", "THEN", "ELSE", "DO", "LOOP", "REPEAT", "ROW"});
}

} // namespace sluice
