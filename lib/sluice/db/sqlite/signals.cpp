#include "sluice/core/error.h"
#include "sluice/db/engine_signals.h"

#include <filesystem>
#include <string>
#include <system_error>

// Files are looked at from outside and never opened: closing them again would let go of the locks
// that this process has on them.

namespace sluice {

namespace {

std::string file_of(Session& session)
{
    const Rows rows = session.query("SELECT file FROM pragma_database_list WHERE name = 'main'");
    return rows.empty() ? "" : rows[0].at(0).value_or("");
}

/// What a checkpoint that nobody hindered would shrink.
ServerReading wal_size(Session& session, const TableName& /*table*/)
{
    std::error_code failure;
    const auto bytes = std::filesystem::file_size(file_of(session) + "-wal", failure);
    if (failure == std::errc::no_such_file_or_directory) {
        return {.value = 0, .text = "no log"};
    }
    if (failure) {
        fail_signal("the size of the write-ahead log is not known: " + failure.message());
    }
    return {.value = static_cast<double>(bytes), .text = ""};
}

ServerReading free_disk(Session& session, const TableName& /*table*/)
{
    return free_space(file_of(session));
}

} // namespace

const std::vector<SignalReader>& sqlite_signals()
{
    static const std::vector<SignalReader> readers{{"free_disk", free_disk},
                                                   {"wal_size", wal_size}};
    return readers;
}

} // namespace sluice
