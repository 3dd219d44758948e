#include "sluice/db/sql_text.h"

#include "sluice/db/tokens.h"

#include <algorithm>

namespace sluice {

namespace {

constexpr std::string_view blanks = " \t\n\v\f\r";

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
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

std::string upper_case(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return result;
}

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string operand(std::string_view expression, Engine engine)
{
    const std::string_view text = trimmed(expression);
    const std::vector<Token> tokens = tokenize(text, engine);
    const bool is_one_token = tokens.size() == 1 && tokens[0].end - tokens[0].begin == text.size();
    return is_one_token ? std::string(text) : "(" + std::string(text) + ")";
}

} // namespace sluice
