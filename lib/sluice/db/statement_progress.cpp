#include "sluice/db/statement_progress.h"

#include "sluice/db/engine_statement_progress.h"

#include <fmt/format.h>

#include <exception>

namespace sluice {

namespace {

std::optional<StatementProgress> ask(Session& session, std::string_view connection_id,
                                     const std::vector<TableName>& tables)
{
    switch (session.dialect().server().engine) {
    case Engine::postgresql:
        return postgresql_statement_progress(session, connection_id, tables);
    case Engine::mysql:
        return mysql_statement_progress(session, connection_id, tables);
    case Engine::sqlite:
        return std::nullopt; // nobody sees what another connection does
    }
    return std::nullopt;
}

} // namespace

std::optional<StatementProgress> statement_progress(Session& session,
                                                    std::string_view connection_id,
                                                    const std::vector<TableName>& tables) noexcept
{
    try {
        return ask(session, connection_id, tables);
    } catch (const std::exception&) {
        return std::nullopt; // whoever wanted to know can do without
    }
}

std::string describe(const StatementProgress& progress)
{
    if (progress.total <= 0) {
        return progress.doing;
    }
    const auto share = static_cast<int>(100.0 * static_cast<double>(progress.done) /
                                        static_cast<double>(progress.total));
    if (progress.unit == "%") {
        return fmt::format("{}, {} %", progress.doing, share);
    }
    return fmt::format("{}, {} % ({} of {} {})", progress.doing, share, progress.done,
                       progress.total, progress.unit);
}

} // namespace sluice
