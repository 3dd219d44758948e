#include "sluice/db/mysql/table_sync.h"

#include "sluice/db/mysql/trigger.h"
#include "sluice/db/table_sync_sql.h"

#include <algorithm>

namespace sluice::mysql {

namespace {

std::string number(const char* prefix, std::size_t n)
{
    return prefix + std::to_string(n + 1);
}

/// A variable without its own character set would take the database's, not the column's.
std::string declared(const std::string& variable, const Column& column)
{
    std::string text = "DECLARE " + variable + " " + column.type.sql;
    text += column.charset.empty() ? "" : " CHARACTER SET " + column.charset;
    text +=
        column.charset.empty() || column.collation.empty() ? "" : " COLLATE " + column.collation;
    return text + ";\n";
}

/// The bodies of the triggers of one side. Each looks the other row up before it writes: only a
/// write that is needed may stand in a statement that runs.
class Bodies {
public:
    Bodies(const MysqlDialect& dialect, const SyncSide& side)
        : dialect_(dialect), side_(side), sql_(dialect, side)
    {
    }

    [[nodiscard]] std::string on_insert() const
    {
        const std::string found = "SELECT 1 INTO sluice_found FROM " + other() + " WHERE " +
                                  sql_.key_of_other("NEW") + ";\n";
        return begun() + found + "IF sluice_found IS NULL THEN\n" + values("sluice_v", "NEW") +
               insert() + met_after_insert() + "END IF;\nEND";
    }

    [[nodiscard]] std::string on_update() const
    {
        return begun() + "IF " + joined({sql_.key_changed(), sql_.sources_changed()}, " OR ") +
               " THEN\n" + moved() + values("sluice_v", "NEW") + values("sluice_b", "OLD") +
               look_up() + "IF sluice_found IS NULL THEN\n" + insert() + "ELSE\n" + update() +
               "END IF;\nEND IF;\nEND";
    }

    [[nodiscard]] std::string on_delete() const
    {
        return "BEGIN\nDECLARE sluice_found INT DEFAULT NULL;\nDECLARE CONTINUE HANDLER FOR NOT "
               "FOUND BEGIN END;\n" +
               locked("OLD") + "IF sluice_found = 1 THEN\nDELETE FROM " + other() + " WHERE " +
               sql_.key_of_other("OLD") + ";\nEND IF;\nEND";
    }

private:
    [[nodiscard]] std::string other() const { return dialect_.quote(side_.other.name); }

    [[nodiscard]] ColumnAt in(const std::string& row) const
    {
        return
            [this, row](const std::string& column) { return row + "." + dialect_.quote(column); };
    }

    /// The variable that holds a column of the other row.
    [[nodiscard]] std::string held(const std::string& column) const
    {
        const auto& row = side_.other.row;
        const auto found = std::find_if(
            row.begin(), row.end(), [&column](const Column& each) { return each.name == column; });
        return number("sluice_h", static_cast<std::size_t>(found - row.begin()));
    }

    [[nodiscard]] std::string begun() const
    {
        std::string text = "BEGIN\nDECLARE sluice_found INT DEFAULT NULL;\n";
        for (std::size_t n = 0; n < side_.other.carried.size(); ++n) {
            const Column& column = side_.other.carried[n].column;
            text += declared(number("sluice_v", n), column) +
                    declared(number("sluice_b", n), column) + "DECLARE " + number("sluice_a", n) +
                    " BOOLEAN DEFAULT FALSE;\n";
        }
        for (std::size_t n = 0; n < side_.own.carried.size(); ++n) {
            text += declared(number("sluice_o", n), side_.own.carried[n].column);
        }
        for (std::size_t n = 0; n < side_.other.row.size(); ++n) {
            text += declared(number("sluice_h", n), side_.other.row[n]);
        }
        return text + "DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;\n";
    }

    [[nodiscard]] std::string locked(const std::string& row) const
    {
        return "SELECT 1 INTO sluice_found FROM " + other() + " WHERE " + sql_.key_of_other(row) +
               " LOCK IN SHARE MODE;\n";
    }

    /// The other row as it is now, whatever this transaction's snapshot shows.
    [[nodiscard]] std::string look_up() const
    {
        std::string columns;
        std::string variables;
        for (std::size_t n = 0; n < side_.other.row.size(); ++n) {
            columns += ", " + dialect_.quote(side_.other.row[n].name);
            variables += ", " + number("sluice_h", n);
        }
        return "SET sluice_found = NULL;\nSELECT 1" + columns + " INTO sluice_found" + variables +
               " FROM " + other() + " WHERE " + sql_.key_of_other("NEW") + " LOCK IN SHARE MODE;\n";
    }

    [[nodiscard]] std::string moved() const
    {
        std::string set;
        const std::vector<std::string> values = sql_.key_values("NEW");
        for (std::size_t n = 0; n < values.size(); ++n) {
            set += (n == 0 ? "" : ", ") + dialect_.quote(side_.other.key[n]) + " = " + values[n];
        }
        return "IF " + sql_.key_changed() + " THEN\n" + locked("OLD") +
               "IF sluice_found = 1 THEN\n" + given_key(set) + "END IF;\nEND IF;\n";
    }

    /// A row that others refer to is given its key or none: to delete it would delete theirs.
    [[nodiscard]] std::string given_key(const std::string& set) const
    {
        const std::string old = " WHERE " + sql_.key_of_other("OLD") + ";\n";
        const std::string write = "UPDATE " + other() + " SET " + set + old;
        return side_.other.referred == Referred::by_none
                   ? guarded_unless_referred(write) + "DELETE FROM " + other() + old
                   : write;
    }

    [[nodiscard]] std::string values(const char* prefix, const std::string& row) const
    {
        std::string text;
        for (std::size_t n = 0; n < side_.other.carried.size(); ++n) {
            text += assigned(number(prefix, n), sql_.value(side_.other.carried[n], in(row)));
        }
        return text;
    }

    [[nodiscard]] static std::string assigned(const std::string& variable, const Computed& value)
    {
        const std::string assign = "SET " + variable + " = " + value.sql + ";\n";
        return value.is_total ? assign
                              : "BEGIN\nDECLARE CONTINUE HANDLER FOR SQLEXCEPTION SET " + variable +
                                    " = NULL;\n" + assign + "END;\n";
    }

    [[nodiscard]] std::string insert() const
    {
        std::string names = dialect_.quote_list(side_.other.key);
        std::string given = joined(sql_.key_values("NEW"), ", ");
        for (std::size_t n = 0; n < side_.other.carried.size(); ++n) {
            names += ", " + dialect_.quote(side_.other.carried[n].column.name);
            given += ", " + number("sluice_v", n);
        }
        const std::string write =
            "INSERT INTO " + other() + " (" + names + ") VALUES (" + given + ");\n";
        if (!side_.is_new || side_.is_alone) {
            return guarded(write);
        }
        return "BEGIN\nDECLARE EXIT HANDLER FOR 1205, 1213, 1020 RESIGNAL;\nDECLARE CONTINUE "
               "HANDLER FOR SQLEXCEPTION BEGIN END;\nDECLARE CONTINUE HANDLER FOR 1062 BEGIN\n" +
               locked("NEW") + "IF sluice_found = 1 THEN\n" + duplicate() + "END IF;\nEND;\n" +
               write + "END;\n";
    }

    [[nodiscard]] std::string duplicate() const
    {
        return "SIGNAL SQLSTATE '23000' SET MYSQL_ERRNO = 1062, MESSAGE_TEXT = " +
               dialect_.literal("a row with this key is in the old table already") + ";\n";
    }

    [[nodiscard]] std::string met_after_insert() const
    {
        if (side_.is_alone) {
            std::string acts;
            for (std::size_t n = 0; n < side_.other.carried.size(); ++n) {
                acts += "SET " + number("sluice_a", n) + " = TRUE;\n";
            }
            return "ELSE\n" + values("sluice_v", "NEW") + acts + guarded(write());
        }
        if (!side_.is_new || side_.other.carried.empty()) {
            return {};
        }
        std::vector<std::string> tests;
        for (std::size_t n = 0; n < side_.other.carried.size(); ++n) {
            tests.push_back("(" + out_of_step(n) + ")");
        }
        return "ELSE\n" + look_up() + values("sluice_v", "NEW") + backs() + "IF " +
               joined(tests, " OR ") + " THEN\n" + duplicate() + "END IF;\n";
    }

    [[nodiscard]] std::string backs() const
    {
        std::string text;
        for (std::size_t n = 0; n < side_.own.carried.size() && !side_.is_alone; ++n) {
            text += assigned(number("sluice_o", n),
                             sql_.back(side_.own.carried[n],
                                       [this](const std::string& column) { return held(column); }));
        }
        return text;
    }

    [[nodiscard]] std::string explained(const CarriedColumn& carried) const
    {
        std::vector<std::string> tests;
        for (const CarriedColumn* way : sql_.ways_back(carried)) {
            const auto n = static_cast<std::size_t>(way - side_.own.carried.data());
            tests.push_back("NOT (" +
                            sql_.differs("NEW." + dialect_.quote(way->column.name),
                                         number("sluice_o", n), way->column) +
                            ")");
        }
        return joined(tests, " AND ");
    }

    [[nodiscard]] std::string out_of_step(std::size_t n) const
    {
        const CarriedColumn& carried = side_.other.carried[n];
        const std::string differs =
            sql_.differs(held(carried.column.name), number("sluice_v", n), carried.column);
        const std::string explanation = explained(carried);
        return explanation.empty() ? differs : differs + " AND NOT (" + explanation + ")";
    }

    [[nodiscard]] std::string update() const
    {
        std::string acts;
        std::vector<std::string> any;
        for (std::size_t n = 0; n < side_.other.carried.size(); ++n) {
            const std::string changed = sql_.differs(number("sluice_v", n), number("sluice_b", n),
                                                     side_.other.carried[n].column);
            acts += "SET " + number("sluice_a", n) + " = (" + changed + " AND " + out_of_step(n) +
                    ");\n";
            any.push_back(number("sluice_a", n));
        }
        return any.empty() ? ""
                           : backs() + acts + "IF " + joined(any, " OR ") + " THEN\n" +
                                 guarded(write()) + "END IF;\n";
    }

    [[nodiscard]] std::string write() const
    {
        std::string set;
        for (std::size_t n = 0; n < side_.other.carried.size(); ++n) {
            const std::string column = dialect_.quote(side_.other.carried[n].column.name);
            set += (n == 0 ? "" : ", ") + column + " = IF(" + number("sluice_a", n) + ", " +
                   number("sluice_v", n) + ", " + column + ")";
        }
        return set.empty() ? ""
                           : "UPDATE " + other() + " SET " + set + " WHERE " +
                                 sql_.key_of_other("NEW") + ";\n";
    }

    const MysqlDialect& dialect_;
    const SyncSide& side_;
    SideSql sql_;
};

std::string trigger_name(const SyncSide& side, const char* event)
{
    return "sluice_" + side.name + "_" + event;
}

TableName trigger_of(const SyncSide& side, const TableName& table, const char* event)
{
    return {table.schema, trigger_name(side, event)};
}

void create(std::vector<std::string>& statements, const MysqlDialect& dialect, const SyncSide& side,
            const TableName& table, const char* suffix, const char* event, const std::string& body)
{
    const std::vector<std::string> made = create_trigger(
        dialect, {trigger_of(side, table, suffix), std::string("AFTER ") + event, table, body});
    statements.insert(statements.end(), made.begin(), made.end());
}

} // namespace

std::vector<std::string> create_side(const MysqlDialect& dialect, const TableSync& sync,
                                     const TableName& table, const TableName& now_called)
{
    std::vector<std::string> statements;
    for (const SyncSide& side : sides_of(sync)) {
        if (side.own.name != table) {
            continue;
        }
        const Bodies bodies(dialect, side);
        create(statements, dialect, side, now_called, "upd", "UPDATE", bodies.on_update());
        create(statements, dialect, side, now_called, "del", "DELETE", bodies.on_delete());
        create(statements, dialect, side, now_called, "ins", "INSERT", bodies.on_insert());
    }
    return statements;
}

std::vector<std::string> drop_table_sync(const MysqlDialect& dialect, const TableSync& sync)
{
    std::vector<std::string> statements;
    for (const SyncSide& side : sides_of(sync)) {
        for (const char* event : {"ins", "upd", "del"}) {
            statements.push_back(drop_trigger(dialect, trigger_of(side, side.own.name, event)));
        }
    }
    return statements;
}

std::string share_numbers(const MysqlDialect& dialect, const TableSync& sync)
{
    std::string names = dialect.quote_list(sync.to.key);
    std::string values = dialect.quote_list(sync.from.key);
    for (const CarriedColumn& carried : sync.to.carried) {
        names += ", " + dialect.quote(carried.column.name);
        values += ", " + dialect.converted(carried.value, carried.column.type);
    }
    return "INSERT IGNORE INTO " + dialect.quote(sync.to.name) + " (" + names + ") SELECT " +
           values + " FROM " + dialect.quote(sync.from.name) + " ORDER BY " +
           dialect.quote(sync.from.key[0]) + " DESC LIMIT 1 LOCK IN SHARE MODE";
}

} // namespace sluice::mysql
