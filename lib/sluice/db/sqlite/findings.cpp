#include "sluice/db/engine_findings.h"
#include "sluice/db/engine_lock_holders.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

// What a connection sets for itself (synchronous, cache_size, busy_timeout) cannot be seen from
// another one; what the file says and what the files are like can.

namespace sluice {

namespace {

double size_of(const std::string& path)
{
    std::error_code none;
    const std::uintmax_t size = std::filesystem::file_size(path, none);
    return none ? 0 : static_cast<double>(size);
}

std::string path_of(Session& session)
{
    return session.query("SELECT file FROM pragma_database_list WHERE name = 'main'")[0][0]
        .value_or("");
}

/// A checkpoint that waits for nobody copies what no reader needs any more; what it leaves shows
/// that there is one.
std::vector<Finding> readers(Session& session)
{
    const Rows rows = session.query("PRAGMA wal_checkpoint(PASSIVE)");
    const std::int64_t pages = std::stoll(rows[0][1].value_or("0"));
    const std::int64_t copied = std::stoll(rows[0][2].value_or("0"));
    if (copied >= pages) {
        return {};
    }
    const std::string who = describe(sqlite_log_readers(session), Engine::sqlite);
    return {{.severity = Severity::problem,
             .check = "open_reader",
             .found = fmt::format("a reader keeps {} of {} pages in the write-ahead log{}",
                                  pages - copied, pages, who.empty() ? "" : ": " + who),
             .harm =
                 "the log cannot begin anew while it reads: a backfill makes it grow, and every "
                 "read slower",
             .remedy = "end the transaction that reads"}};
}

std::vector<Finding> log_size(const std::string& path, const FindingLimits& limits)
{
    const double size = size_of(path + "-wal");
    if (size < static_cast<double>(limits.wal_file_bytes)) {
        return {};
    }
    return {{.severity = Severity::warning,
             .check = "large_wal",
             .found = fmt::format("the write-ahead log has {}", size_text(size)),
             .harm = "something kept it from beginning anew, and may do so again",
             .remedy = "PRAGMA wal_checkpoint(TRUNCATE), when no reader is open"}};
}

std::vector<Finding> free_space(const std::string& path, const FindingLimits& limits)
{
    const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
    const double free = static_cast<double>(std::filesystem::space(folder).available);
    const double size = size_of(path);
    if (free >= size * limits.free_space) {
        return {};
    }
    return {{.severity = Severity::warning,
             .check = "free_space",
             .found = fmt::format("{} are free for a file of {}", size_text(free), size_text(size)),
             .harm = "a backfill may write the file's size to its log, and a rebuild of a table "
                     "needs the table's size again",
             .remedy = "make room on the disk"}};
}

std::vector<Finding> page_size(Session& session)
{
    const std::int64_t size = std::stoll(session.query("PRAGMA page_size")[0][0].value_or("0"));
    constexpr std::int64_t usual = 4'096;
    if (size >= usual) {
        return {};
    }
    return {{.severity = Severity::note,
             .check = "page_size",
             .found = fmt::format("pages have {} bytes", size),
             .harm = "each batch writes more pages, and so more to its log, than with 4096",
             .remedy = "PRAGMA page_size = 4096, then VACUUM, in journal mode DELETE"}};
}

} // namespace

std::vector<Finding> sqlite_file_findings(const std::string& path)
{
    // Of the header: the version that is wanted for writing, 1 with a rollback journal, 2 with WAL.
    constexpr std::size_t at = 18;
    std::array<char, at + 1> header{};
    std::ifstream in(path, std::ios::binary);
    if (!in.read(header.data(), header.size()) || header[at] != 1) {
        return {};
    }
    return {{.severity = Severity::note,
             .check = "journal_mode",
             .found = "the database has a rollback journal",
             .harm = "writers and readers keep each other out; sluice puts the file into WAL mode, "
                     "in which it stays",
             .remedy = "nothing, unless the file is on a network drive, where WAL does not work"}};
}

std::vector<Finding> sqlite_findings(Session& session, const FindingLimits& limits)
{
    std::vector<Finding> findings;
    const auto add = [&](const std::string& what,
                         const std::function<std::vector<Finding>()>& check) {
        add_checked(findings, what, check);
    };
    const std::string path = path_of(session);
    add("the write-ahead log", [&] { return readers(session); });
    add("the write-ahead log", [&] { return log_size(path, limits); });
    add("the disk", [&] { return free_space(path, limits); });
    add("the pages", [&] { return page_size(session); });
    return findings;
}

} // namespace sluice
