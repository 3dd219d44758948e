#include "sluice/db/leading_words.h"

#include "sluice/db/tokens.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace sluice {

namespace {

std::vector<std::string_view> split(std::string_view text, std::string_view separator)
{
    std::vector<std::string_view> parts;
    for (std::size_t end = text.find(separator); end != std::string_view::npos;
         end = text.find(separator)) {
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end + separator.size());
    }
    parts.push_back(text);
    return parts;
}

bool stands_at(const std::vector<Token>& tokens, std::size_t at,
               const std::vector<std::string_view>& words)
{
    if (at + words.size() > tokens.size()) {
        return false;
    }
    for (std::size_t n = 0; n < words.size(); ++n) {
        const Token& token = tokens[at + n];
        if (!token.is(words[n]) && !(token.kind == Token::Kind::symbol && token.text == words[n])) {
            return false;
        }
    }
    return true;
}

std::optional<std::size_t> find(const std::vector<Token>& tokens, std::size_t from,
                                const std::vector<std::string_view>& words)
{
    for (std::size_t at = from; at < tokens.size(); ++at) {
        if (stands_at(tokens, at, words)) {
            return at;
        }
    }
    return std::nullopt;
}

} // namespace

bool has_words(std::string_view sql, std::string_view pattern, Engine engine)
{
    const std::vector<Token> tokens = tokenize(sql, engine);
    std::size_t at = 0;
    bool is_first = true;
    for (const std::string_view run : split(pattern, " ... ")) {
        const std::vector<std::string_view> words = split(run, " ");
        const std::optional<std::size_t> found =
            is_first ? (stands_at(tokens, 0, words) ? std::optional<std::size_t>(0) : std::nullopt)
                     : find(tokens, at, words);
        if (!found) {
            return false;
        }
        at = *found + words.size();
        is_first = false;
    }
    return true;
}

} // namespace sluice
