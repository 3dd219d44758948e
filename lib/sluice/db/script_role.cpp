#include "sluice/db/script.h"
#include "sluice/db/tokens.h"

#include <algorithm>
#include <array>

namespace sluice {

namespace {

/// Neither the shape of anything nor a value depends on them.
constexpr std::array<std::string_view, 16> tuning_names{"STATEMENT_TIMEOUT",
                                                        "LOCK_TIMEOUT",
                                                        "IDLE_IN_TRANSACTION_SESSION_TIMEOUT",
                                                        "TRANSACTION_TIMEOUT",
                                                        "CLIENT_ENCODING",
                                                        "STANDARD_CONFORMING_STRINGS",
                                                        "CHECK_FUNCTION_BODIES",
                                                        "XMLOPTION",
                                                        "CLIENT_MIN_MESSAGES",
                                                        "ROW_SECURITY",
                                                        "DEFAULT_TABLESPACE",
                                                        "DEFAULT_TABLE_ACCESS_METHOD",
                                                        "NAMES",
                                                        "LOCK_WAIT_TIMEOUT",
                                                        "INNODB_LOCK_WAIT_TIMEOUT",
                                                        "SQL_NOTES"};

bool is_any(const Token& token, std::initializer_list<std::string_view> words)
{
    return std::any_of(words.begin(), words.end(),
                       [&token](std::string_view word) { return token.is(word); });
}

/// What a MySQL server runs of a conditional comment, besides what stands outside it.
std::string without_conditionals(std::string_view sql)
{
    std::string text(sql);
    for (const std::string_view open : {"/*!", "/*M!"}) {
        for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open)) {
            std::size_t end = at + open.size();
            while (end < text.size() && text[end] >= '0' && text[end] <= '9') {
                ++end;
            }
            text.replace(at, end - at, " ");
            const std::size_t close = text.find("*/", at);
            if (close != std::string::npos) {
                text.replace(close, 2, " ");
            }
        }
    }
    return text;
}

ScriptRole role_of_setting(const std::vector<Token>& tokens)
{
    std::size_t at = 1;
    while (at < tokens.size() && is_any(tokens[at], {"SESSION", "LOCAL"})) {
        ++at;
    }
    const bool is_tuning = at < tokens.size() &&
                           std::any_of(tuning_names.begin(), tuning_names.end(),
                                       [&](std::string_view name) { return tokens[at].is(name); });
    const bool is_alone = std::none_of(tokens.begin(), tokens.end(),
                                       [](const Token& token) { return token.is_symbol(','); });
    return is_tuning && is_alone ? ScriptRole::tuning : ScriptRole::setting;
}

/// SELECT pg_catalog.set_config('search_path', '', false): every name in the dump says its schema.
ScriptRole role_of_query(const std::vector<Token>& tokens)
{
    for (std::size_t n = 0; n + 4 < tokens.size(); ++n) {
        if (tokens[n].is("SET_CONFIG") && tokens[n + 1].is_symbol('(')) {
            const bool is_plain =
                tokens[n + 2].text == "'search_path'" && tokens[n + 4].text == "''";
            return is_plain ? ScriptRole::tuning : ScriptRole::setting;
        }
    }
    return ScriptRole::work;
}

ScriptRole role_of_begin(const std::vector<Token>& tokens)
{
    const bool is_block = tokens.size() > 1 && tokens[1].is("NOT");
    return is_block ? ScriptRole::work : ScriptRole::transaction;
}

} // namespace

ScriptRole role_of(std::string_view sql, Engine engine)
{
    const std::string plain =
        engine == Engine::mysql ? without_conditionals(sql) : std::string(sql);
    const std::vector<Token> tokens = tokenize(plain, engine);
    if (tokens.empty()) {
        return ScriptRole::work;
    }
    const Token& first = tokens.front();
    if (first.is("BEGIN")) {
        return role_of_begin(tokens);
    }
    if (is_any(first, {"COMMIT", "END"}) ||
        (first.is("START") && tokens.size() > 1 && tokens[1].is("TRANSACTION"))) {
        return ScriptRole::transaction;
    }
    if (is_any(first, {"ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"})) {
        return ScriptRole::gives_up;
    }
    if (first.is("SET")) {
        return role_of_setting(tokens);
    }
    if (first.is("SELECT")) {
        return role_of_query(tokens);
    }
    return is_any(first, {"RESET", "DISCARD", "USE", "PRAGMA", "LOCK", "UNLOCK", "ATTACH", "DETACH",
                          "LISTEN", "UNLISTEN"})
               ? ScriptRole::setting
               : ScriptRole::work;
}

} // namespace sluice
