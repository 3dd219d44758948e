#include "sluice/db/sql_text.h"

#include <algorithm>
#include <array>

namespace sluice {

namespace {

bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_name_start(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || byte >= 0x80;
}

bool is_name_part(char c)
{
    return is_name_start(c) || is_digit(c) || c == '$';
}

char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

char to_upper(char c)
{
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

class Scanner {
public:
    Scanner(std::string_view sql, Backslash backslash) : sql_(sql), backslash_(backslash) {}

    std::vector<Token> scan()
    {
        std::vector<Token> tokens;
        for (skip_blank(); at_ < sql_.size(); skip_blank()) {
            const std::size_t begin = at_;
            Token token = next();
            token.begin = begin;
            token.end = at_;
            tokens.push_back(std::move(token));
        }
        return tokens;
    }

private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const
    {
        return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0';
    }

    void skip_past(std::string_view end)
    {
        const std::size_t found = sql_.find(end, at_);
        at_ = found == std::string_view::npos ? sql_.size() : found + end.size();
    }

    void skip_blank()
    {
        while (at_ < sql_.size()) {
            if (is_space(peek())) {
                ++at_;
            } else if (peek() == '-' && peek(1) == '-') {
                skip_past("\n");
            } else if (peek() == '/' && peek(1) == '*') {
                skip_past("*/");
            } else {
                return;
            }
        }
    }

    Token next()
    {
        const char c = peek();
        if (c == '\'') {
            return {TokenKind::string, between(c, backslash_)};
        }
        if (c == '"' || c == '`') {
            return {TokenKind::quoted, between(c, Backslash::literal)};
        }
        if (c == '[' && is_name_start(peek(1))) {
            return {TokenKind::quoted, between(']', Backslash::literal)};
        }
        if (c == '$' && (peek(1) == '$' || is_name_start(peek(1)))) {
            return dollar_quoted();
        }
        if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
            return number();
        }
        return is_name_start(c) ? word() : symbol();
    }

    /// From the opening quote at the cursor to past the closing one.
    std::string between(char quote, Backslash backslash)
    {
        std::string text;
        for (++at_; at_ < sql_.size(); ++at_) {
            if (peek() == quote && peek(1) != quote) {
                ++at_;
                return text;
            }
            if (peek() == quote || (peek() == '\\' && backslash == Backslash::escapes)) {
                ++at_;
            }
            text += peek();
        }
        return text;
    }

    Token dollar_quoted()
    {
        const std::size_t close = sql_.find('$', at_ + 1);
        if (close == std::string_view::npos) {
            return symbol();
        }
        const std::string_view tag = sql_.substr(at_, close - at_ + 1);
        const std::size_t begin = at_ + tag.size();
        const std::size_t end = std::min(sql_.find(tag, begin), sql_.size());
        at_ = std::min(end + tag.size(), sql_.size());
        return {TokenKind::string, std::string(sql_.substr(begin, end - begin))};
    }

    Token number()
    {
        const std::size_t begin = at_;
        while (is_name_part(peek()) || peek() == '.' ||
               ((peek() == '+' || peek() == '-') && to_lower(sql_[at_ - 1]) == 'e')) {
            ++at_;
        }
        return {TokenKind::number, std::string(sql_.substr(begin, at_ - begin))};
    }

    Token word()
    {
        const std::size_t begin = at_;
        while (is_name_part(peek())) {
            ++at_;
        }
        std::string text(sql_.substr(begin, at_ - begin));
        if (peek() != '\'' || !is_string_prefix(text)) {
            return {TokenKind::word, std::move(text)};
        }
        const bool escapes = to_lower(text.front()) == 'e';
        return {TokenKind::string, between('\'', escapes ? Backslash::escapes : backslash_)};
    }

    /// x'00', b'01', e'\n', n'text', and MySQL's _utf8mb4'text'.
    static bool is_string_prefix(std::string_view text)
    {
        return text.front() == '_' ||
               (text.size() == 1 &&
                std::string_view("xben").find(to_lower(text.front())) != std::string_view::npos);
    }

    Token symbol()
    {
        static constexpr std::array<std::string_view, 7> doubles{
            "::", "||", "<=", ">=", "<>", "!=", "->"};
        const std::string_view two = sql_.substr(at_, 2);
        const std::size_t length =
            std::find(doubles.begin(), doubles.end(), two) != doubles.end() ? 2 : 1;
        at_ += length;
        return {TokenKind::symbol, std::string(two.substr(0, length))};
    }

    std::string_view sql_;
    Backslash backslash_;
    std::size_t at_ = 0;
};

std::string mapped(std::string_view text, char (*map)(char))
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), map);
    return result;
}

} // namespace

std::string enclosed(std::string_view text, char quote)
{
    std::string result(1, quote);
    for (const char c : text) {
        result.append(c == quote ? 2 : 1, c);
    }
    return result + quote;
}

std::string lower_case(std::string_view text)
{
    return mapped(text, to_lower);
}

std::string upper_case(std::string_view text)
{
    return mapped(text, to_upper);
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

std::vector<Token> tokens_of(std::string_view sql, Backslash backslash)
{
    return Scanner(sql, backslash).scan();
}

bool is_word(const Token& token, std::string_view keyword)
{
    return token.kind == TokenKind::word && lower_case(token.text) == lower_case(keyword);
}

bool is_symbol(const Token& token, std::string_view symbol)
{
    return token.kind == TokenKind::symbol && token.text == symbol;
}

bool mentions(std::string_view sql, std::string_view name)
{
    const std::string wanted = lower_case(name);
    const std::vector<Token> tokens = tokens_of(sql);
    return std::any_of(tokens.begin(), tokens.end(), [&wanted](const Token& token) {
        const bool is_name = token.kind == TokenKind::word || token.kind == TokenKind::quoted;
        return is_name && lower_case(token.text) == wanted;
    });
}

} // namespace sluice
