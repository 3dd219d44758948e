#include "sluice/db/sqlite/bare_names.h"

#include "sluice/db/tokens.h"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>

namespace sluice::sqlite {

namespace {

bool needs_no_quotes(const std::string& name)
{
    const auto is_plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
           std::all_of(name.begin(), name.end(), is_plain) &&
           sqlite3_keyword_check(name.c_str(), static_cast<int>(name.size())) == 0;
}

} // namespace

std::string with_bare_names(std::string_view sql)
{
    std::string text;
    std::size_t copied = 0;
    for (const Token& token : tokenize(sql, Engine::sqlite)) {
        if (token.kind == Token::Kind::name && needs_no_quotes(token.text)) {
            text += std::string(sql.substr(copied, token.begin - copied)) + token.text;
            copied = token.end;
        }
    }
    return text + std::string(sql.substr(copied));
}

} // namespace sluice::sqlite
