// The final check: does any row of the whole table still need work? Read in large chunks: no
// snapshot gets old, and a server may still read a table of one chunk from end to end, which is
// several times faster than along the key of a table whose rows have all just moved.

#include "sluice/backfill/backfill.h"
#include "sluice/backfill/keyset.h"
#include "sluice/backfill/work_sql.h"
#include "sluice/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace sluice {

namespace {

constexpr std::size_t most_examples = 20;

struct Chunk {
    KeyValues after;
    KeyValues upto; ///< empty: to the end
};

/// FROM … WHERE …: the rows of the chunk that need work, as they are.
void append_rows(Sql& sql, const Dialect& dialect, const BackfillWork& work, const Chunk& chunk)
{
    sql << " FROM " << dialect.quote(work.table) << " WHERE ";
    append_range(sql, dialect, work.key, chunk.after, chunk.upto);
    sql << and_needs_work(work);
}

std::string key_list(const Dialect& dialect, const BackfillWork& work)
{
    std::vector<std::string> texts;
    for (const Column& column : work.key) {
        texts.push_back(dialect.key_text(column));
    }
    return dialect.json_array(texts) + " AS sluice_key";
}

/// The same for `into`: the source rows whose key the target does not have. The target's columns
/// must not be in sight of the expressions.
void append_missing(Sql& sql, const Dialect& dialect, const BackfillWork& work, const Chunk& chunk)
{
    std::string list = key_list(dialect, work);
    std::string found;
    for (std::size_t n = 0; n < work.set.size(); ++n) {
        const auto& [column, expression] = work.set[n];
        const auto& keys = work.into_key;
        if (std::find(keys.begin(), keys.end(), column) != keys.end()) {
            list += fmt::format(", ({}\n) AS sluice_{}", expression, n);
            found += fmt::format("{}sluice_target.{} = sluice_source.sluice_{}",
                                 found.empty() ? "" : " AND ", dialect.quote(column), n);
        }
    }
    sql << " FROM (SELECT " << list;
    append_rows(sql, dialect, work, chunk);
    sql << ") AS sluice_source WHERE NOT EXISTS (SELECT 1 FROM " << dialect.quote(*work.into)
        << " AS sluice_target WHERE " << found << ")";
}

Statement count_query(const Dialect& dialect, const BackfillWork& work, const Chunk& chunk)
{
    Sql sql = dialect.sql();
    sql << "SELECT count(*)";
    work.into ? append_missing(sql, dialect, work, chunk) : append_rows(sql, dialect, work, chunk);
    return sql.take();
}

Statement keys_query(const Dialect& dialect, const BackfillWork& work, const Chunk& chunk,
                     std::size_t most)
{
    Sql sql = dialect.sql();
    sql << "SELECT " << (work.into ? "sluice_key" : key_list(dialect, work));
    work.into ? append_missing(sql, dialect, work, chunk) : append_rows(sql, dialect, work, chunk);
    sql << fmt::format(" LIMIT {}", most);
    return sql.take();
}

/// Rows that were set aside are picked out of the keys that one statement found, not counted and
/// subtracted: a row that comes into need between two statements would hide another.
void add_chunk(Session& session, const BackfillWork& work, const Chunk& chunk,
               const std::set<std::string>& set_aside, Remaining& remaining)
{
    const Dialect& dialect = session.dialect();
    const Rows count = session.query(count_query(dialect, work, chunk));
    std::int64_t rows = std::stoll(count[0][0].value());
    if (rows == 0 || (set_aside.empty() && remaining.examples.size() >= most_examples)) {
        remaining.rows += rows;
        return;
    }
    const std::size_t most = most_examples + set_aside.size();
    const Rows found = session.query(keys_query(dialect, work, chunk, most));
    std::int64_t others = 0;
    for (const Row& row : found.rows) {
        std::string key = row[0].value();
        if (!set_aside.empty() && set_aside.contains(encode_key(decode_key(key)))) {
            continue;
        }
        ++others;
        if (remaining.examples.size() < most_examples) {
            remaining.examples.push_back(std::move(key));
        }
    }
    if (!set_aside.empty()) {
        const auto left_out = static_cast<std::int64_t>(found.size()) - others;
        rows = found.size() < most ? others : std::max(others, rows - left_out);
    }
    remaining.rows += rows;
}

/// Empty: fewer rows than a chunk has are left.
KeyValues find_bound(Session& session, const BackfillWork& work, const Chunk& chunk)
{
    const Statement query =
        boundary_query(session.dialect(), work.table, work.key, chunk.after, {}, check_chunk_rows);
    return read_key(session.query(query), work.key).value_or(KeyValues{});
}

/// In a query of its own a literal has no column that would give it a type, as it has one where it
/// is inserted.
BackfillWork with_typed_literals(Session& session, BackfillWork work)
{
    const Catalog catalog = work.into ? read_catalog(session, {*work.into}) : Catalog{};
    const Table* target = work.into ? catalog.find(*work.into) : nullptr;
    for (auto& [column, expression] : work.set) {
        const Column* found = target == nullptr ? nullptr : target->find(column);
        if (found != nullptr && session.dialect().is_constant(expression)) {
            expression = session.dialect().cast(expression, found->type);
        }
    }
    return work;
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
    const BackfillWork typed = with_typed_literals(session, work);
    const std::set<std::string> set_aside(request.set_aside.begin(), request.set_aside.end());
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
        add_chunk(session, typed, chunk, set_aside, remaining);
        if (request.after_chunk) {
            request.after_chunk();
        }
        if (bound.empty()) {
            break;
        }
        chunk.after = bound;
    }
    return remaining;
}

} // namespace sluice
