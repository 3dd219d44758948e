#include "sluice/db/sqlite/listed_names.h"

#include "sluice/db/sql_text.h"

#include <algorithm>

namespace sluice {

std::string name_in(const Token& token)
{
    return token.kind == Token::Kind::string && token.text.size() >= 2
               ? token.text.substr(1, token.text.size() - 2)
               : token.text;
}

std::vector<Token> listed_columns(std::string_view list)
{
    std::vector<Token> columns;
    int depth = 0;
    bool begins = false;
    for (const Token& token : tokenize(list, Engine::sqlite)) {
        if (begins) {
            columns.push_back(token);
        }
        depth += token.is_symbol('(') ? 1 : 0;
        depth -= token.is_symbol(')') ? 1 : 0;
        begins = depth == 1 && (token.is_symbol('(') || token.is_symbol(','));
    }
    return columns;
}

bool same_names(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    return std::equal(
        a.begin(), a.end(), b.begin(), b.end(),
        [](const std::string& x, const std::string& y) { return lower_case(x) == lower_case(y); });
}

} // namespace sluice
