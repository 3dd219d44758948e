#include "sluice/plan/changes/index_part.h"

#include "sluice/db/sql_text.h"
#include "sluice/db/tokens.h"

#include <charconv>
#include <string>
#include <vector>

namespace sluice {

namespace {

class Entry {
public:
    Entry(std::string_view text, Engine engine) : text_(text), tokens_(tokenize(text, engine)) {}

    std::optional<IndexPart> read()
    {
        if (!read_subject()) {
            return std::nullopt;
        }
        if (take("COLLATE")) {
            if (!is_name()) {
                return std::nullopt;
            }
            part_.collation = take_qualified();
        }
        if (is_name() && !is("ASC") && !is("DESC") && !is("NULLS")) {
            part_.opclass = take_qualified();
        }
        part_.descending = take("DESC");
        if (!part_.descending) {
            (void)take("ASC");
        }
        if (take("NULLS") && !read_nulls()) {
            return std::nullopt;
        }
        return at_ == tokens_.size() ? std::optional(part_) : std::nullopt;
    }

private:
    [[nodiscard]] bool is(std::string_view keyword) const
    {
        return at_ < tokens_.size() && tokens_[at_].is(keyword);
    }

    [[nodiscard]] bool is_symbol(char c) const
    {
        return at_ < tokens_.size() && tokens_[at_].is_symbol(c);
    }

    [[nodiscard]] bool is_name() const { return at_ < tokens_.size() && tokens_[at_].is_name(); }

    bool take(std::string_view keyword)
    {
        const bool is_there = is(keyword);
        at_ += is_there ? 1 : 0;
        return is_there;
    }

    /// A column, with the length of its prefix where one is given, or an expression in parentheses.
    bool read_subject()
    {
        if (is_symbol('(')) {
            return read_expression();
        }
        if (!is_name()) {
            return false;
        }
        part_.column = tokens_[at_++].text;
        return !is_symbol('(') || read_prefix();
    }

    bool read_expression()
    {
        const std::size_t begin = tokens_[at_].end;
        int depth = 0;
        for (; at_ < tokens_.size(); ++at_) {
            depth += is_symbol('(') ? 1 : is_symbol(')') ? -1 : 0;
            if (depth == 0) {
                part_.expression = trimmed(text_.substr(begin, tokens_[at_].begin - begin));
                ++at_;
                return !part_.expression.empty();
            }
        }
        return false;
    }

    bool read_prefix()
    {
        if (at_ + 2 >= tokens_.size() || !tokens_[at_ + 2].is_symbol(')')) {
            return false;
        }
        const std::string& digits = tokens_[at_ + 1].text;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), part_.prefix);
        at_ += 3;
        return error == std::errc() && end == digits.data() + digits.size() && part_.prefix > 0;
    }

    bool read_nulls()
    {
        const bool is_first = is("FIRST");
        if (!is_first && !is("LAST")) {
            return false;
        }
        ++at_;
        if (is_first != part_.descending) {
            part_.nulls = is_first ? "FIRST" : "LAST";
        }
        return true;
    }

    /// A name and what qualifies it, as written.
    std::string take_qualified()
    {
        const Token& first = tokens_[at_++];
        std::string text(text_.substr(first.begin, first.end - first.begin));
        while (is_symbol('.') && at_ + 1 < tokens_.size() && tokens_[at_ + 1].is_name()) {
            const Token& next = tokens_[at_ + 1];
            text += "." + std::string(text_.substr(next.begin, next.end - next.begin));
            at_ += 2;
        }
        return text;
    }

    std::string_view text_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    IndexPart part_;
};

} // namespace

std::optional<IndexPart> parse_index_part(std::string_view text, Engine engine)
{
    return Entry(text, engine).read();
}

} // namespace sluice
