#include "sluice/core/error.h"
#include "sluice/db/engine_signals.h"

#include <algorithm>
#include <string>

namespace sluice {

namespace {

std::string file_of(Session& session)
{
    const Rows rows = session.query("SELECT file FROM pragma_database_list WHERE name = 'main'");
    return rows.empty() ? "" : rows[0].at(0).value_or("");
}

/// How much of the log cannot be written back, because somebody still reads what was there before.
/// The file's own size does not tell: it never shrinks, it is only used again. A passive checkpoint
/// waits for nobody and keeps nobody waiting; writers run the same.
ServerReading wal_size(Session& session, const TableName& /*table*/)
{
    const Rows state = session.query("PRAGMA wal_checkpoint(PASSIVE)");
    const double pages = std::stod(state[0].at(1).value_or("-1"));
    const double written_back = std::stod(state[0].at(2).value_or("-1"));
    if (pages < 0) {
        return {.value = 0, .text = "a checkpoint is at work"};
    }
    const double page =
        number_in(session.query("PRAGMA page_size"), "the size of a page is unknown");
    return {.value = std::max(pages - written_back, 0.0) * page, .text = ""};
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
