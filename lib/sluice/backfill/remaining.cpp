// The final check: does any row of the whole table still need work? Read in chunks, so that no
// statement is long and no snapshot old.

#include "sluice/backfill/keyset.h"
#include "sluice/backfill/work_sql.h"
#include "sluice/backfill/worker.h"
#include "sluice/core/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

constexpr std::int64_t chunk_rows = 20'000;
constexpr std::size_t most_examples = 20;

struct Chunk {
    KeyValues after;
    KeyValues upto; ///< empty: to the end
};

enum class Ask { count, examples };

/// What needs work in the chunk. For `into` those are the source rows whose key the target does not
/// have; the target's columns must not be in sight of the expressions.
Statement needing_query(const Dialect& dialect, const BackfillWork& work, const Chunk& chunk,
                        Ask ask)
{
    std::vector<std::string> texts;
    for (const Column& column : work.key) {
        texts.push_back(dialect.key_text(column));
    }
    std::string list = dialect.json_array(texts) + " AS sluice_key";
    std::string missing;
    for (std::size_t n = 0; n < work.set.size(); ++n) {
        const auto& [column, expression] = work.set[n];
        const auto& keys = work.into_key;
        if (work.into && std::find(keys.begin(), keys.end(), column) != keys.end()) {
            list += fmt::format(", ({}\n) AS sluice_{}", expression, n);
            missing += fmt::format("{}sluice_target.{} = sluice_source.sluice_{}",
                                   missing.empty() ? "" : " AND ", dialect.quote(column), n);
        }
    }
    Sql sql = dialect.sql();
    sql << "SELECT " << (ask == Ask::count ? "count(*)" : "sluice_key") << " FROM (SELECT " << list
        << " FROM " << dialect.quote(work.table) << " WHERE ";
    append_range(sql, dialect, work.key, chunk.after, chunk.upto);
    sql << and_needs_work(work) << ") AS sluice_source";
    if (!missing.empty()) {
        sql << " WHERE NOT EXISTS (SELECT 1 FROM " << dialect.quote(*work.into)
            << " AS sluice_target WHERE " << missing << ")";
    }
    sql << (ask == Ask::count ? "" : fmt::format(" LIMIT {}", most_examples));
    return sql.take();
}

void add_chunk(Session& session, const BackfillWork& work, const Chunk& chunk, Remaining& remaining)
{
    const Dialect& dialect = session.dialect();
    const Rows count = session.query(needing_query(dialect, work, chunk, Ask::count));
    const std::int64_t rows = std::stoll(count[0][0].value());
    remaining.rows += rows;
    if (rows == 0 || remaining.examples.size() >= most_examples) {
        return;
    }
    for (const Row& row : session.query(needing_query(dialect, work, chunk, Ask::examples)).rows) {
        if (remaining.examples.size() < most_examples) {
            remaining.examples.push_back(row[0].value());
        }
    }
}

/// Empty: fewer rows than a chunk has are left.
KeyValues find_bound(Session& session, const BackfillWork& work, const Chunk& chunk)
{
    const Statement query =
        boundary_query(session.dialect(), work.table, work.key, chunk.after, {}, chunk_rows);
    return read_key(session.query(query), work.key).value_or(KeyValues{});
}

/// Nothing could tell a row that is done from one that is not.
bool is_checkable(const BackfillWork& work)
{
    return !work.needs_work.empty() || work.kind == BackfillKind::into;
}

} // namespace

Remaining count_remaining(Session& session, const BackfillWork& work, const std::stop_token& stop,
                          const RemainingRequest& request)
{
    Remaining remaining;
    Chunk chunk;
    auto milestone = request.milestones.begin();
    while (is_checkable(work) && remaining.rows < request.limit) {
        if (stop.stop_requested()) {
            throw Error(ErrorKind::interrupted, "asked to stop");
        }
        const bool is_known = milestone != request.milestones.end();
        const auto bound = is_known ? decode_key(*milestone++) : find_bound(session, work, chunk);
        chunk.upto = bound;
        add_chunk(session, work, chunk, remaining);
        if (bound.empty()) {
            break;
        }
        chunk.after = bound;
    }
    return remaining;
}

} // namespace sluice
