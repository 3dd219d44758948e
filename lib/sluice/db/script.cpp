#include "sluice/db/script.h"

#include "sluice/db/statement_end.h"
#include "sluice/db/tokens.h"

#include <algorithm>
#include <cctype>

namespace sluice {

namespace {

bool is_blank(char c)
{
    return std::isspace(static_cast<unsigned char>(c)) != 0;
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

/// MySQL runs what stands in such a comment.
bool has_conditional(std::string_view text, Engine engine)
{
    return engine == Engine::mysql && (text.find("/*!") != std::string_view::npos ||
                                       text.find("/*M!") != std::string_view::npos);
}

std::string without_marks(std::string_view comment)
{
    std::string lines;
    while (!comment.empty()) {
        const std::size_t end = std::min(comment.find('\n'), comment.size());
        std::string_view line = trimmed(comment.substr(0, end));
        comment.remove_prefix(std::min(end + 1, comment.size()));
        while (!line.empty() && std::string_view("-/*#! ").find(line.front()) != line.npos) {
            line.remove_prefix(1);
        }
        while (!line.empty() && std::string_view("*/ ").find(line.back()) != line.npos) {
            line.remove_suffix(1);
        }
        if (!line.empty()) {
            lines += (lines.empty() ? "" : "\n") + std::string(line);
        }
    }
    return lines;
}

class Splitter {
public:
    Splitter(std::string_view text, Engine engine, int first_line)
        : text_(text)
        , engine_(engine)
        , first_line_(first_line)
        , tokens_(tokenize(text, engine))
        , end_(engine)
    {
    }

    Script run()
    {
        while (token_ < tokens_.size()) {
            if (!skip_client_command()) {
                read_token();
            }
        }
        finish(text_.size());
        if (!is_closed()) {
            fault(tokens_.empty() ? 0 : tokens_.back().begin,
                  "a quote or a comment is opened and never closed");
        }
        return std::move(script_);
    }

private:
    [[nodiscard]] int line_of(std::size_t at) const
    {
        const auto end = text_.begin() + static_cast<std::ptrdiff_t>(std::min(at, text_.size()));
        return first_line_ + static_cast<int>(std::count(text_.begin(), end, '\n'));
    }

    void fault(std::size_t at, std::string problem)
    {
        script_.faults.push_back({line_of(at), std::move(problem)});
    }

    /// Text that ends inside a quote swallows whatever is put after it.
    [[nodiscard]] bool is_closed() const
    {
        const std::string longer = std::string(text_) + "\n;";
        const std::vector<Token> tokens = tokenize(longer, engine_);
        return !tokens.empty() && tokens.back().is_symbol(';') &&
               tokens.back().begin + 1 == longer.size();
    }

    [[nodiscard]] bool opens_statement() const { return first_ == token_; }

    [[nodiscard]] bool opens_line(std::size_t at) const
    {
        while (at > 0 && text_[at - 1] != '\n') {
            if (!is_blank(text_[--at])) {
                return false;
            }
        }
        return true;
    }

    [[nodiscard]] std::size_t end_of_line(std::size_t at) const
    {
        return std::min(text_.find('\n', at), text_.size());
    }

    /// What the engine's own client understands, and no server does.
    bool skip_client_command()
    {
        const Token& token = tokens_[token_];
        if (!opens_statement() || !opens_line(token.begin)) {
            return false;
        }
        const std::size_t end = end_of_line(token.begin);
        const std::string line(trimmed(text_.substr(token.begin, end - token.begin)));
        if (engine_ == Engine::mysql && token.is("DELIMITER")) {
            end_.set_mark(std::string(trimmed(text_.substr(token.end, end - token.end))));
            go_on_from(end);
            return true;
        }
        const bool is_dot = engine_ == Engine::sqlite && token.is_symbol('.');
        const bool is_source = engine_ == Engine::mysql && token.is("SOURCE");
        if (!is_dot && !is_source && !token.is_symbol('\\')) {
            return false;
        }
        fault(token.begin, "\"" + line + "\" is a command of the client, not of the server");
        go_on_from(end);
        return true;
    }

    void read_token()
    {
        const std::size_t cut = end_.mark_in(text_, tokens_, token_, first_);
        if (cut == std::string_view::npos) {
            ++token_;
            return;
        }
        const bool reads_data = is_copy_from_client();
        finish(cut);
        go_on_from(cut + end_.mark().size());
        if (reads_data) {
            skip_copied_rows();
        }
    }

    [[nodiscard]] bool is_copy_from_client() const
    {
        return engine_ == Engine::postgresql && tokens_[first_].is("COPY") &&
               std::any_of(tokens_.begin() + static_cast<std::ptrdiff_t>(first_),
                           tokens_.begin() + static_cast<std::ptrdiff_t>(token_),
                           [](const Token& token) { return token.is("STDIN"); });
    }

    /// The rows end with a line "\.", and may hold any quotes.
    void skip_copied_rows()
    {
        script_.statements.pop_back();
        fault(begin_, "COPY … FROM STDIN takes its rows from the client");
        const std::size_t end = text_.find("\n\\.", begin_);
        const std::size_t next =
            end == std::string_view::npos ? text_.size() : end_of_line(end + 1);
        const std::vector<Token> rest = tokenize(text_.substr(next), engine_);
        tokens_.resize(token_);
        for (Token token : rest) {
            token.begin += next;
            token.end += next;
            tokens_.push_back(std::move(token));
        }
        go_on_from(next);
    }

    void go_on_from(std::size_t at)
    {
        while (token_ < tokens_.size() && tokens_[token_].begin < at) {
            ++token_;
        }
        first_ = token_;
        begin_ = at;
    }

    /// Takes what stands between the last cut and this one.
    void finish(std::size_t cut)
    {
        const std::string_view piece = text_.substr(begin_, cut - begin_);
        const bool is_empty = first_ >= tokens_.size() || tokens_[first_].begin >= cut;
        const std::size_t start = is_empty ? cut : tokens_[first_].begin;
        const std::string_view before = text_.substr(begin_, start - begin_);
        if (has_conditional(before, engine_)) {
            const std::size_t at = begin_ + (piece.size() - trimmed_front(piece).size());
            script_.statements.push_back({"", std::string(trimmed(piece)), line_of(at)});
        } else if (!is_empty) {
            script_.statements.push_back({without_marks(before),
                                          std::string(trimmed(text_.substr(start, cut - start))),
                                          line_of(start)});
        }
    }

    [[nodiscard]] static std::string_view trimmed_front(std::string_view text)
    {
        while (!text.empty() && is_blank(text.front())) {
            text.remove_prefix(1);
        }
        return text;
    }

    std::string_view text_;
    Engine engine_;
    int first_line_;
    std::vector<Token> tokens_;
    StatementEnd end_;
    std::size_t token_ = 0; ///< the next to be read
    std::size_t first_ = 0; ///< of this statement
    std::size_t begin_ = 0; ///< where the last one ended
    Script script_;
};

} // namespace

Script split_script(std::string_view text, Engine engine, int first_line)
{
    return Splitter(text, engine, first_line).run();
}

Script whole_script(std::string_view text, Engine engine, int first_line)
{
    Script script;
    const std::vector<Token> tokens = tokenize(text, engine);
    if (tokens.empty()) {
        return script;
    }
    std::size_t end = text.size();
    for (auto token = tokens.rbegin(); token != tokens.rend() && token->is_symbol(';'); ++token) {
        end = token->begin;
    }
    const std::size_t begin = tokens.front().begin;
    if (end <= begin) {
        return script;
    }
    const auto line =
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n');
    script.statements.push_back({without_marks(text.substr(0, begin)),
                                 std::string(trimmed(text.substr(begin, end - begin))),
                                 first_line + static_cast<int>(line)});
    return script;
}

} // namespace sluice
