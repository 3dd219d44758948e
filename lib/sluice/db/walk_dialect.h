#pragma once
// The SQL with which a table is walked in the order of a key and changed batch by batch: a part of
// Dialect, and immutable like the whole.

#include "sluice/db/statement.h"
#include "sluice/db/table.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// A position in the key order: one text per key column, as key_text gave it. Empty: before the
/// first row.
using KeyValues = std::vector<std::string>;

/// Rows to copy from one table into another where it does not have them.
struct InsertMissing {
    TableName source;
    TableName target;
    std::vector<std::pair<std::string, std::string>> set; ///< target column = SQL over the source
    std::vector<std::string> target_key; ///< columns of a unique key of the target, all in `set`
};

struct InsertFrame {
    std::string before; ///< up to and with the SELECT's list
    std::string after;
};

class WalkDialect {
public:
    WalkDialect() = default;
    WalkDialect(const WalkDialect&) = delete;
    WalkDialect& operator=(const WalkDialect&) = delete;
    virtual ~WalkDialect() = default;

    /// Why this column cannot be part of a cursor (nullable, float, unordered), or nullopt.
    [[nodiscard]] virtual std::optional<std::string> key_refusal(const Column& column) const = 0;
    /// SQL giving the key column's value as text that key_value can bind again without loss.
    [[nodiscard]] virtual std::string key_text(const Column& column,
                                               std::string_view qualifier = {}) const = 0;
    /// Appends the placeholder for such a text, cast back to the column's type.
    virtual void bind_key(Sql& sql, const Column& column, const std::string& text) const = 0;
    /// Appends "key > values" in the form that this engine runs as a range scan (row values, or the
    /// expanded OR).
    virtual void key_after(Sql& sql, const std::vector<Column>& key,
                           const KeyValues& values) const = 0;
    /// Appends "key <= values".
    virtual void key_upto(Sql& sql, const std::vector<Column>& key,
                          const KeyValues& values) const = 0;
    /// The key of the current row as a JSON array of key_text: a whole position in one text.
    [[nodiscard]] virtual std::string json_array(const std::vector<std::string>& texts) const = 0;
    /// What to put round "FROM source WHERE … ORDER BY …" so that what the SELECT gives is inserted
    /// where the target does not have its key yet, with the source rows locked against change.
    [[nodiscard]] virtual InsertFrame insert_missing(const InsertMissing& insert) const = 0;
    /// The clause with which a batch locks its rows, without waiting, before it changes them, so
    /// that the application is never the victim of a deadlock with it; empty where the batch's own
    /// session sees to that.
    [[nodiscard]] virtual std::string lock_work_rows() const = 0;
    /// The clause with which a batch locks a row of another table that it reads a value from, so
    /// that nobody changes it before the value is written; empty where nobody else writes.
    [[nodiscard]] virtual std::string lock_read_row() const = 0;
    /// EXPLAIN of a query, in the format explain_refusal reads.
    [[nodiscard]] virtual std::string explain(std::string_view query) const = 0;
    /// What is wrong with the plan of a boundary query (a sort, a full scan, another index), or
    /// nullopt. `plan` is the whole result of explain().
    [[nodiscard]] virtual std::optional<std::string>
    explain_refusal(const Rows& plan, const Table& table, const std::vector<Column>& key) const = 0;
    /// A query returning one number: about how many rows the table has, without counting where the
    /// engine can tell.
    [[nodiscard]] virtual std::string estimate_rows(const TableName& table) const = 0;
};

} // namespace sluice
