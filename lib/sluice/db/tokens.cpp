#include "sluice/db/tokens.h"

#include <algorithm>
#include <cctype>

namespace sluice {

namespace {

bool is_space(char c)
{
    return std::isspace(static_cast<unsigned char>(c)) != 0;
}

bool is_digit(char c)
{
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

bool starts_word(char c)
{
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool continues_word(char c)
{
    return starts_word(c) || is_digit(c) || c == '$';
}

char upper(char c)
{
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
}

bool same_ignoring_case(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return upper(x) == upper(y); });
}

class Scanner {
public:
    Scanner(std::string_view sql, Engine engine) : sql_(sql), engine_(engine) {}

    std::vector<Token> run()
    {
        while (skip_blank()) {
            tokens_.push_back(next());
        }
        return std::move(tokens_);
    }

private:
    [[nodiscard]] char at(std::size_t n) const { return n < sql_.size() ? sql_[n] : '\0'; }

    /// To the next token; false at the end.
    bool skip_blank()
    {
        while (at_ < sql_.size()) {
            if (is_space(sql_[at_])) {
                ++at_;
            } else if (starts_line_comment()) {
                at_ = std::min(sql_.find('\n', at_), sql_.size());
            } else if (at(at_) == '/' && at(at_ + 1) == '*') {
                skip_block_comment();
            } else {
                return true;
            }
        }
        return false;
    }

    [[nodiscard]] bool starts_line_comment() const
    {
        if (engine_ == Engine::mysql) {
            const bool dashes = at(at_) == '-' && at(at_ + 1) == '-';
            return at(at_) == '#' || (dashes && (is_space(at(at_ + 2)) || at(at_ + 2) == '\0'));
        }
        return at(at_) == '-' && at(at_ + 1) == '-';
    }

    void skip_block_comment()
    {
        int depth = 0;
        do {
            if (at(at_) == '/' && at(at_ + 1) == '*' &&
                (depth == 0 || engine_ == Engine::postgresql)) {
                ++depth;
                at_ += 2;
            } else if (at(at_) == '*' && at(at_ + 1) == '/') {
                --depth;
                at_ += 2;
            } else {
                ++at_;
            }
        } while (depth > 0 && at_ < sql_.size());
        at_ = std::min(at_, sql_.size());
    }

    Token next()
    {
        const char c = sql_[at_];
        if (c == '\'' || (c == '"' && engine_ == Engine::mysql)) {
            return quoted(Token::Kind::string, c,
                          engine_ == Engine::mysql || follows_escape_mark());
        }
        if (c == '"' || (c == '`' && engine_ != Engine::postgresql)) {
            return quoted(Token::Kind::name, c, false);
        }
        if (c == '[' && engine_ == Engine::sqlite) {
            return quoted(Token::Kind::name, ']', false);
        }
        if (c == '$' && engine_ == Engine::postgresql) {
            return dollar_quoted();
        }
        if (starts_word(c)) {
            return run_of(Token::Kind::word, [](char x) { return continues_word(x); });
        }
        if (is_digit(c)) {
            return run_of(Token::Kind::number,
                          [](char x) { return continues_word(x) || x == '.'; });
        }
        return take(Token::Kind::symbol, at_ + 1);
    }

    /// PostgreSQL's E'…': the mark is the word before, without a gap.
    [[nodiscard]] bool follows_escape_mark() const
    {
        return engine_ == Engine::postgresql && !tokens_.empty() && tokens_.back().end == at_ &&
               tokens_.back().is("E");
    }

    Token quoted(Token::Kind kind, char close, bool has_escapes)
    {
        std::string inside;
        std::size_t n = at_ + 1;
        for (; n < sql_.size(); ++n) {
            if (has_escapes && sql_[n] == '\\') {
                inside += at(++n);
            } else if (sql_[n] != close) {
                inside += sql_[n];
            } else if (close != ']' && at(n + 1) == close) {
                inside += sql_[n++];
            } else {
                break;
            }
        }
        Token token = take(kind, std::min(n + 1, sql_.size()));
        if (kind == Token::Kind::name) {
            token.text = inside;
        }
        return token;
    }

    Token dollar_quoted()
    {
        std::size_t tag_end = at_ + 1;
        while (continues_word(at(tag_end)) && at(tag_end) != '$') {
            ++tag_end;
        }
        if (at(tag_end) != '$' || is_digit(at(at_ + 1))) {
            return take(Token::Kind::symbol, at_ + 1);
        }
        const std::string_view tag = sql_.substr(at_, tag_end + 1 - at_);
        const std::size_t close = sql_.find(tag, tag_end + 1);
        const bool is_open = close == std::string_view::npos;
        return take(Token::Kind::string, is_open ? sql_.size() : close + tag.size());
    }

    template <typename Continues> Token run_of(Token::Kind kind, Continues continues)
    {
        std::size_t n = at_;
        while (n < sql_.size() && continues(sql_[n])) {
            ++n;
        }
        return take(kind, n);
    }

    Token take(Token::Kind kind, std::size_t end)
    {
        Token token{kind, std::string(sql_.substr(at_, end - at_)), at_, end};
        at_ = end;
        return token;
    }

    std::string_view sql_;
    Engine engine_;
    std::size_t at_ = 0;
    std::vector<Token> tokens_;
};

} // namespace

bool Token::is(std::string_view keyword) const
{
    return kind == Kind::word && same_ignoring_case(text, keyword);
}

bool Token::is_symbol(char c) const
{
    return kind == Kind::symbol && text.size() == 1 && text[0] == c;
}

std::vector<Token> tokenize(std::string_view sql, Engine engine)
{
    return Scanner(sql, engine).run();
}

std::vector<std::string> names_in(std::string_view sql, Engine engine)
{
    std::vector<std::string> names;
    for (const Token& token : tokenize(sql, engine)) {
        if (token.is_name() && std::find(names.begin(), names.end(), token.text) == names.end()) {
            names.push_back(token.text);
        }
    }
    return names;
}

bool mentions(std::string_view sql, std::string_view column, Engine engine)
{
    const std::vector<std::string> names = names_in(sql, engine);
    return std::any_of(names.begin(), names.end(), [column](const std::string& name) {
        return same_ignoring_case(name, column);
    });
}

} // namespace sluice
