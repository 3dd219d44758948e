#include "sluice/db/lock_holders.h"

#include "sluice/db/engine_lock_holders.h"
#include "sluice/db/tokens.h"

#include <fmt/format.h>

#include <exception>
#include <string_view>

namespace sluice {

namespace {

std::vector<LockHolder> ask(Session& session, const std::vector<TableName>& tables)
{
    switch (session.dialect().server().engine) {
    case Engine::postgresql:
        return postgresql_lock_holders(session, tables);
    case Engine::mysql:
        return mysql_lock_holders(session, tables);
    case Engine::sqlite:
        return sqlite_lock_holders(session);
    }
    return {};
}

/// On one line, without what others may not read, and not longer than a line of a terminal.
std::string shortened(const std::string& statement, Engine engine)
{
    constexpr std::size_t longest = 80;
    std::string text;
    std::size_t end_of_last = 0;
    for (const Token& token : tokenize(statement, engine)) {
        const bool is_value =
            token.kind == Token::Kind::string || token.kind == Token::Kind::number;
        text += token.begin > end_of_last && !text.empty() ? " " : "";
        text += is_value ? "?" : statement.substr(token.begin, token.end - token.begin);
        end_of_last = token.end;
        if (text.size() > longest) {
            // Not in the middle of a character of several bytes.
            std::size_t end = longest;
            while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
                --end;
            }
            return text.substr(0, end) + "…";
        }
    }
    return text;
}

std::string describe(const LockHolder& holder, Engine engine)
{
    std::string about;
    const auto add = [&](const std::string& text) {
        about += about.empty() || text.empty() ? text : ", " + text;
    };
    add(holder.program);
    add(holder.user.empty() ? "" : "user \"" + holder.user + "\"");
    const std::string age = holder.age ? fmt::format("{} s", holder.age->count()) : std::string();
    if (!holder.activity.empty()) {
        add(age.empty() ? holder.activity : holder.activity + ", transaction open for " + age);
    }
    const std::string statement = shortened(holder.statement, engine);
    about += about.empty() || statement.empty() ? statement : ": " + statement;
    return holder.session + (about.empty() ? "" : " (" + about + ")");
}

} // namespace

std::vector<LockHolder> lock_holders(Session& session,
                                     const std::vector<TableName>& tables) noexcept
{
    try {
        return ask(session, tables);
    } catch (const std::exception&) {
        return {}; // what was to be explained matters more than this
    }
}

std::string describe(const std::vector<LockHolder>& holders, Engine engine)
{
    std::string text;
    for (const LockHolder& holder : holders) {
        const bool is_first = text.empty();
        text += is_first ? (holder.is_certain ? "held by " : "perhaps held by ") : " and ";
        text += describe(holder, engine);
    }
    const bool has_doubt = !holders.empty() && !holders.front().doubt.empty();
    return has_doubt ? text + "; " + holders.front().doubt : text;
}

Error naming_lock_holders(const Error& error, Session& session,
                          const std::vector<TableName>& tables)
{
    if (error.details.cause != Cause::lock_timeout || session.in_transaction()) {
        return error;
    }
    const std::string who =
        describe(lock_holders(session, tables), session.dialect().server().engine);
    return who.empty() ? error : Error(error.kind, error.message + "; " + who, error.details);
}

} // namespace sluice
