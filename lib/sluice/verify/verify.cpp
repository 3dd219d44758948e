// Reads the whole table in chunks of the key, first counting, then (where something failed) naming.
// The walk is written here again, from the dialect's key functions alone: what the backfill's own
// walk would skip, this one must not skip for the same reason.

#include "sluice/verify/verify.h"

#include "sluice/core/counted.h"
#include "sluice/core/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace sluice {

namespace {

constexpr std::int64_t chunk_rows = 20'000;
constexpr std::size_t most_keys = 20;       ///< reported
constexpr std::size_t most_suspects = 5000; ///< whose keys are remembered between the two looks

struct Chunk {
    KeyValues after; ///< empty: from the start
    KeyValues upto;  ///< empty: to the end
};

struct Suspects {
    Chunk chunk;
    std::int64_t rows = 0;
    std::vector<std::string> keys; ///< in order; some of them where there are many
    bool are_all = false;          ///< the keys are
    std::int64_t set_aside = 0;    ///< not among the rows
};

std::string key_json(const Dialect& dialect, const VerifyWork& work)
{
    std::vector<std::string> texts;
    for (const Column& column : work.key) {
        texts.push_back(dialect.key_text(column));
    }
    return dialect.json_array(texts);
}

std::string order(const Dialect& dialect, const VerifyWork& work)
{
    std::string list;
    for (const Column& column : work.key) {
        list += fmt::format("{}{}.{}", list.empty() ? "" : ", ", dialect.quote(work.table),
                            dialect.quote(column.name));
    }
    return list;
}

void append_chunk(Sql& sql, const Dialect& dialect, const VerifyWork& work, const Chunk& chunk)
{
    sql << " FROM " << dialect.quote(work.table) << " WHERE 1 = 1";
    if (!chunk.after.empty()) {
        sql << " AND ";
        dialect.key_after(sql, work.key, chunk.after);
    }
    if (!chunk.upto.empty()) {
        sql << " AND ";
        dialect.key_upto(sql, work.key, chunk.upto);
    }
}

std::optional<KeyValues> chunk_end(Session& session, const VerifyWork& work, const KeyValues& after)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "SELECT " << key_json(dialect, work) << " AS sluice_key";
    append_chunk(sql, dialect, work, {.after = after, .upto = {}});
    sql << fmt::format(" ORDER BY {} LIMIT 1 OFFSET {}", order(dialect, work), chunk_rows - 1);
    const Rows rows = session.query(sql.take());
    if (rows.empty()) {
        return std::nullopt;
    }
    return nlohmann::json::parse(rows[0][0].value()).get<KeyValues>();
}

struct Count {
    std::int64_t rows = 0;
    std::int64_t failing = 0;
};

Count count(Session& session, const VerifyWork& work, const Chunk& chunk)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    // The line break ends a comment that the expression may end with.
    sql << "SELECT count(*), coalesce(sum(CASE WHEN (" << work.expect
        << "\n) THEN 0 ELSE 1 END), 0)";
    append_chunk(sql, dialect, work, chunk);
    const Rows rows = session.query(sql.take());
    return {.rows = std::stoll(rows[0][0].value()), .failing = std::stoll(rows[0][1].value())};
}

std::vector<std::string> failing_keys(Session& session, const VerifyWork& work, const Chunk& chunk,
                                      std::size_t limit)
{
    const Dialect& dialect = session.dialect();
    Sql sql = dialect.sql();
    sql << "SELECT " << key_json(dialect, work) << " AS sluice_key";
    append_chunk(sql, dialect, work, chunk);
    sql << " AND CASE WHEN (" << work.expect << "\n) THEN 0 ELSE 1 END = 1"
        << fmt::format(" ORDER BY {} LIMIT {}", order(dialect, work), limit);
    std::vector<std::string> keys;
    for (const Row& row : session.query(sql.take()).rows) {
        keys.push_back(row[0].value());
    }
    return keys;
}

void stop_if_asked(const std::stop_token& stop)
{
    if (stop.stop_requested()) {
        throw Error(ErrorKind::interrupted, "asked to stop");
    }
}

/// As the walk that set the row aside has written its key.
bool is_one_of(const std::string& key, const std::set<std::string>& set_aside)
{
    return !set_aside.empty() && set_aside.contains(nlohmann::json::parse(key).dump());
}

Suspects find_suspects(Session& session, const VerifyWork& work, const Chunk& chunk,
                       std::int64_t failing, const std::set<std::string>& set_aside)
{
    Suspects found{.chunk = chunk};
    const std::size_t most = most_suspects + set_aside.size();
    found.are_all = static_cast<std::size_t>(failing) <= most;
    found.keys =
        failing_keys(session, work, chunk, found.are_all ? most : most_keys + set_aside.size());
    found.set_aside = static_cast<std::int64_t>(std::erase_if(
        found.keys, [&](const std::string& key) { return is_one_of(key, set_aside); }));
    found.rows =
        found.are_all ? static_cast<std::int64_t>(found.keys.size()) : failing - found.set_aside;
    return found;
}

/// The first look: every chunk that holds a row which fails.
std::vector<Suspects> first_look(Session& session, const VerifyWork& work,
                                 const std::stop_token& stop,
                                 const std::set<std::string>& set_aside, VerifyReport& report)
{
    std::vector<Suspects> suspects;
    std::size_t remembered = 0;
    for (KeyValues after;;) {
        stop_if_asked(stop);
        const auto end = chunk_end(session, work, after);
        const Chunk chunk{.after = after, .upto = end.value_or(KeyValues{})};
        const Count found = count(session, work, chunk);
        report.rows += found.rows;
        if (found.failing > 0) {
            Suspects more = find_suspects(session, work, chunk, found.failing, set_aside);
            more.are_all = more.are_all && remembered + more.keys.size() <= most_suspects;
            more.keys.resize(more.are_all ? more.keys.size() : 0);
            std::sort(more.keys.begin(), more.keys.end());
            remembered += more.keys.size();
            report.set_aside += more.set_aside;
            suspects.push_back(std::move(more));
        }
        if (!end) {
            return suspects;
        }
        after = *end;
    }
}

void add_failures(VerifyReport& report, std::int64_t rows, const std::vector<std::string>& keys)
{
    report.failures += rows;
    for (const std::string& key : keys) {
        if (report.failed_keys.size() < most_keys) {
            report.failed_keys.push_back(key);
        }
    }
}

/// The second look at one chunk. Where there were too many suspects to remember, as many count as
/// fail both times, whichever they are.
void second_look(Session& session, const VerifyWork& work, const Suspects& suspects,
                 const std::set<std::string>& set_aside, VerifyReport& report)
{
    if (suspects.rows == 0) {
        return;
    }
    const std::int64_t failing = count(session, work, suspects.chunk).failing;
    Suspects now = find_suspects(session, work, suspects.chunk, failing, set_aside);
    if (!suspects.are_all) {
        add_failures(report, std::min(now.rows, suspects.rows), now.keys);
        return;
    }
    std::erase_if(now.keys, [&suspects](const std::string& key) {
        return !std::binary_search(suspects.keys.begin(), suspects.keys.end(), key);
    });
    add_failures(report, static_cast<std::int64_t>(now.keys.size()), now.keys);
}

} // namespace

VerifyReport verify(Session& session, const VerifyWork& work, Listener& listener,
                    const std::stop_token& stop, const std::set<std::string>& set_aside)
{
    VerifyReport report;
    const std::vector<Suspects> suspects = first_look(session, work, stop, set_aside, report);
    for (const Suspects& chunk : suspects) {
        stop_if_asked(stop);
        second_look(session, work, chunk, set_aside, report);
    }
    if (!report.passed()) {
        listener.on(Note{fmt::format("table \"{}\": {} looked at, {} not as they should be: {}",
                                     display(work.table), counted(report.rows, "row"),
                                     readable(report.failures), work.about)});
    }
    return report;
}

} // namespace sluice
