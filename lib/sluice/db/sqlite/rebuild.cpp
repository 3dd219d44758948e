#include "sluice/db/sqlite/rebuild.h"

#include "sluice/core/error.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/sqlite/listed_names.h"
#include "sluice/db/sqlite/unique_edits.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace sluice {

namespace {

using Names = std::vector<std::string>;
using Record = std::vector<std::optional<std::string>>;

[[noreturn]] void fail(sqlite3* database, const std::string& statement)
{
    throw Error(ErrorKind::sql, sqlite3_errmsg(database),
                {.statement = statement, .native_code = sqlite3_extended_errcode(database)});
}

std::vector<Record> run(sqlite3* database, const std::string& sql, const Names& values = {})
{
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v2(database, sql.c_str(), -1, &made, nullptr) != SQLITE_OK) {
        fail(database, sql);
    }
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(made, sqlite3_finalize);
    for (std::size_t n = 0; n < values.size(); ++n) {
        sqlite3_bind_text(made, static_cast<int>(n) + 1, values[n].data(),
                          static_cast<int>(values[n].size()), SQLITE_STATIC);
    }
    std::vector<Record> rows;
    int code = sqlite3_step(made);
    for (; code == SQLITE_ROW; code = sqlite3_step(made)) {
        Record row;
        for (int n = 0; n < sqlite3_column_count(made); ++n) {
            const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(made, n));
            row.push_back(text == nullptr ? std::nullopt : std::optional<std::string>(text));
        }
        rows.push_back(std::move(row));
    }
    if (code != SQLITE_DONE) {
        fail(database, sql);
    }
    return rows;
}

/// While the table is away nothing may follow it, and no row that refers to its rows may go with
/// it. PRAGMA foreign_keys does nothing inside a transaction; this does.
class Untied {
public:
    explicit Untied(sqlite3* database) : database_(database)
    {
        for (auto& [option, before, meanwhile] : settings_) {
            sqlite3_db_config(database_, option, -1, &before);
            sqlite3_db_config(database_, option, meanwhile, nullptr);
        }
    }

    Untied(const Untied&) = delete;
    Untied& operator=(const Untied&) = delete;

    ~Untied()
    {
        for (const auto& [option, before, meanwhile] : settings_) {
            sqlite3_db_config(database_, option, before, nullptr);
        }
    }

private:
    struct Setting {
        int option;
        int before;
        int meanwhile;
    };

    sqlite3* database_;
    std::array<Setting, 2> settings_{
        {{SQLITE_DBCONFIG_ENABLE_FKEY, 0, 0}, {SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 0, 1}}};
};

Names names_listed(const std::string& list)
{
    Names names;
    for (const Token& token : listed_columns("(" + list + ")")) {
        names.push_back(token.text);
    }
    return names;
}

class Rebuild {
public:
    Rebuild(sqlite3* database, const std::string& table)
        : database_(database), table_(table), aside_("sluice_old_" + table)
    {
    }

    void run(const std::vector<TableEdit>& edits)
    {
        std::string text = text_now();
        for (const TableEdit& edit : edits) {
            text = edited(text, edit);
        }
        const Names broken_before = broken();
        const std::vector<Record> parts = parts_now();
        const std::vector<Record> counter = counter_now();
        execute("ALTER TABLE " + quoted(table_) + " RENAME TO " + quoted(aside_));
        execute(text);
        copy();
        execute("DROP TABLE " + quoted(aside_));
        for (const Record& part : parts) {
            execute(part.at(1).value());
        }
        set_counter(counter);
        if (text_now() != text || parts_now() != parts) {
            throw Error(ErrorKind::internal,
                        "table \"" + table_ + "\" is not what it was meant to become");
        }
        refuse_newly_broken(broken_before);
    }

private:
    [[nodiscard]] static std::string quoted(const std::string& name) { return enclosed(name, '"'); }

    void execute(const std::string& sql) const { (void)sluice::run(database_, sql); }

    [[nodiscard]] std::vector<Record> asked(const std::string& sql) const
    {
        return sluice::run(database_, sql, {table_});
    }

    [[nodiscard]] std::string text_now() const
    {
        const std::vector<Record> found =
            asked("SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?1");
        if (found.empty()) {
            throw Error(ErrorKind::internal, "there is no table \"" + table_ + "\"");
        }
        return found[0][0].value();
    }

    /// The indexes and triggers with a text of their own, in the order in which they were made: the
    /// last trigger fires first.
    [[nodiscard]] std::vector<Record> parts_now() const
    {
        return asked("SELECT name, sql FROM main.sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE "
                     "AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid");
    }

    [[nodiscard]] std::vector<Record> counter_now() const
    {
        const bool counts = !sluice::run(database_, "SELECT 1 FROM main.sqlite_schema WHERE name = "
                                                    "'sqlite_sequence'")
                                 .empty();
        return counts ? asked("SELECT seq FROM main.sqlite_sequence WHERE name = ?1")
                      : std::vector<Record>();
    }

    void set_counter(const std::vector<Record>& counter) const
    {
        if (counter.empty()) {
            return;
        }
        (void)asked("DELETE FROM main.sqlite_sequence WHERE name = ?1");
        (void)sluice::run(database_,
                          "INSERT INTO main.sqlite_sequence (name, seq) VALUES (?1, "
                          "CAST(?2 AS INTEGER))",
                          {table_, counter[0][0].value_or("0")});
    }

    [[nodiscard]] std::string edited(const std::string& text, const TableEdit& edit) const
    {
        if (edit.what == "drop unique") {
            return without_unique(text, names_listed(edit.first));
        }
        if (edit.what == "move unique") {
            return with_unique_moved(text, names_listed(edit.first), names_listed(edit.second));
        }
        if (edit.what == "add column unique") {
            return with_column_unique(text, names_listed(edit.first).at(0), edit.second);
        }
        if (edit.what == "add unique") {
            return with_table_unique(text, edit.second, columns_of(edit.first));
        }
        throw Error(ErrorKind::internal, "no table is rebuilt to \"" + edit.what + "\"");
    }

    /// Of the index that has the number now, which it is to give away.
    [[nodiscard]] Names columns_of(const std::string& index) const
    {
        Names columns;
        for (const Record& row : sluice::run(
                 database_, "SELECT name FROM pragma_index_xinfo(?1) WHERE key ORDER BY seqno",
                 {index})) {
            columns.push_back(row[0].value_or(""));
        }
        return columns;
    }

    /// With the rowid, where the table has one that can be named; without what is computed.
    [[nodiscard]] std::string columns() const
    {
        std::string list;
        Names taken;
        for (const Record& row :
             asked("SELECT name, hidden FROM pragma_table_xinfo(?1) ORDER BY cid")) {
            taken.push_back(lower_case(row[0].value()));
            if (row[1] == "0") {
                list += (list.empty() ? "" : ", ") + quoted(row[0].value());
            }
        }
        for (const std::string rowid : {"rowid", "_rowid_", "oid"}) {
            if (has_rowid() && std::find(taken.begin(), taken.end(), rowid) == taken.end()) {
                return rowid + ", " + list;
            }
        }
        return list;
    }

    [[nodiscard]] bool has_rowid() const
    {
        return asked("SELECT wr FROM pragma_table_list(?1) WHERE schema = 'main'")[0][0] == "0";
    }

    /// A row that the new text does not take ends it, whatever a conflict clause of the text says.
    void copy() const
    {
        const std::string list = columns();
        execute("INSERT OR ABORT INTO main." + quoted(table_) + " (" + list + ") SELECT " + list +
                " FROM main." + quoted(aside_));
    }

    /// What each foreign key check over the table and those that refer to it says.
    [[nodiscard]] Names broken() const
    {
        Names tables{table_};
        for (const Record& row :
             asked("SELECT DISTINCT m.name FROM main.sqlite_schema m JOIN "
                   "pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f.\"table\" = ?1 "
                   "COLLATE NOCASE ORDER BY m.name")) {
            tables.push_back(row[0].value());
        }
        Names found;
        for (const std::string& table : tables) {
            found.push_back("table \"" + table + "\": " + broken_in(table));
        }
        return found;
    }

    [[nodiscard]] std::string broken_in(const std::string& table) const
    {
        try {
            const std::size_t rows =
                sluice::run(database_, "PRAGMA main.foreign_key_check(" + quoted(table) + ")")
                    .size();
            return std::to_string(rows) + " rows without what they refer to";
        } catch (const Error& error) {
            if (error.details.native_code != SQLITE_ERROR) {
                throw;
            }
            return error.message; // "foreign key mismatch": what it refers to is not unique
        }
    }

    void refuse_newly_broken(const Names& before) const
    {
        const Names after = broken();
        const auto [was, is] =
            std::mismatch(before.begin(), before.end(), after.begin(), after.end());
        if (is != after.end()) {
            throw Error(ErrorKind::sql, "foreign keys would not hold any more: " + *is,
                        {.native_code = SQLITE_CONSTRAINT_FOREIGNKEY});
        }
    }

    sqlite3* database_;
    std::string table_;
    std::string aside_;
};

} // namespace

void rebuild_table(sqlite3* database, const std::string& table, const std::vector<TableEdit>& edits)
{
    if (sqlite3_get_autocommit(database) != 0) {
        throw Error(ErrorKind::internal, "a table is rebuilt in a transaction");
    }
    const Untied untied(database);
    Rebuild(database, table).run(edits);
}

} // namespace sluice
