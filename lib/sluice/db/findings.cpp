#include "sluice/db/findings.h"

#include "sluice/core/error.h"
#include "sluice/db/engine_findings.h"

#include <fmt/format.h>

#include <utility>

namespace sluice {

std::string_view name_of(Severity severity)
{
    switch (severity) {
    case Severity::note:
        return "note";
    case Severity::warning:
        return "warning";
    case Severity::problem:
        return "problem";
    }
    return "";
}

std::vector<Finding> findings_before_opening(const Url& url)
{
    return url.engine == Engine::sqlite ? sqlite_file_findings(url.path) : std::vector<Finding>{};
}

std::vector<Finding> database_findings(Session& session, const std::vector<Table>& tables,
                                       const FindingLimits& limits)
{
    switch (session.dialect().server().engine) {
    case Engine::postgresql:
        return postgresql_findings(session, tables, limits);
    case Engine::mysql:
        return mysql_findings(session, tables, limits);
    case Engine::sqlite:
        return sqlite_findings(session, limits);
    }
    return {};
}

void add_checked(std::vector<Finding>& findings, const std::string& what,
                 const std::function<std::vector<Finding>()>& check)
{
    try {
        for (Finding& finding : check()) {
            findings.push_back(std::move(finding));
        }
    } catch (const Error& error) {
        if (error.kind == ErrorKind::connection) {
            throw;
        }
        findings.push_back({.severity = Severity::note,
                            .check = "unseen",
                            .found = fmt::format("{} cannot be seen: {}", what, error.message),
                            .harm = "what hurts a backfill there goes unnoticed",
                            .remedy = "let a user ask who may see it"});
    }
}

std::string age_text(std::chrono::seconds age)
{
    constexpr long long minute = 60;
    constexpr long long hour = 60 * minute;
    const long long seconds = age.count();
    if (seconds >= hour) {
        return fmt::format("{} h {} min", seconds / hour, seconds % hour / minute);
    }
    return seconds >= minute ? fmt::format("{} min {} s", seconds / minute, seconds % minute)
                             : fmt::format("{} s", seconds);
}

std::string size_text(double bytes)
{
    constexpr double mebi = 1024.0 * 1024.0;
    constexpr double gibi = 1024.0 * mebi;
    return bytes >= gibi ? fmt::format("{:.1f} GiB", bytes / gibi)
                         : fmt::format("{:.1f} MiB", bytes / mebi);
}

} // namespace sluice
