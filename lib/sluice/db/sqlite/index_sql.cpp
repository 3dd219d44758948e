#include "sluice/db/sqlite/index_sql.h"

#include "sluice/db/sql_text.h"
#include "sluice/db/tokens.h"

namespace sluice {

namespace {

/// The text from one token up to another, without "COLLATE x", ASC and DESC at its end.
std::string part_text(std::string_view sql, const std::vector<Token>& tokens, std::size_t begin,
                      std::size_t end)
{
    if (end > begin && (tokens[end - 1].is("ASC") || tokens[end - 1].is("DESC"))) {
        --end;
    }
    if (end > begin + 2 && tokens[end - 2].is("COLLATE")) {
        end -= 2;
    }
    if (end == begin) {
        return {};
    }
    return std::string(sql.substr(tokens[begin].begin, tokens[end - 1].end - tokens[begin].begin));
}

} // namespace

IndexSql read_index_sql(std::string_view create_index)
{
    const std::vector<Token> tokens = tokenize(create_index, Engine::sqlite);
    IndexSql index;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t n = 0; n < tokens.size(); ++n) {
        if (tokens[n].is_symbol('(') && ++depth == 1) {
            begin = n + 1;
        }
        const bool closes = tokens[n].is_symbol(')') && --depth == 0;
        if (closes || (depth == 1 && tokens[n].is_symbol(','))) {
            index.parts.push_back(part_text(create_index, tokens, begin, n));
            begin = n + 1;
        }
        if (!closes) {
            continue;
        }
        if (n + 1 < tokens.size() && tokens[n + 1].is("WHERE")) {
            index.predicate = trimmed(create_index.substr(tokens[n + 1].end));
        }
        break;
    }
    return index;
}

} // namespace sluice
