#include "sluice/db/sqlite/table_sync.h"

#include "sluice/db/table_sync_sql.h"

namespace sluice::sqlite {

namespace {

/// The bodies of the triggers of one side. Both rows are at hand by their keys: what a value is
/// computed from is read where it stands, so that expressions keep their plain names.
class Bodies {
public:
    Bodies(const SqliteDialect& dialect, const SyncSide& side)
        : dialect_(dialect), side_(side), sql_(dialect, side)
    {
    }

    [[nodiscard]] std::string on_insert() const
    {
        return refuse_duplicate() + write(replaced()) + insert();
    }

    [[nodiscard]] std::string on_update() const { return moved() + write(acts()) + insert(); }

    [[nodiscard]] std::string on_delete() const
    {
        return "DELETE FROM " + other() + " WHERE " + sql_.key_of_other("OLD") + ";\n";
    }

    [[nodiscard]] std::string is_concerned() const
    {
        return joined({sql_.key_changed(), sql_.sources_changed()}, " OR ");
    }

private:
    [[nodiscard]] std::string own() const { return dialect_.quote(side_.own.name.name); }

    [[nodiscard]] std::string other() const { return dialect_.quote(side_.other.name.name); }

    [[nodiscard]] ColumnAt in(const std::string& row) const
    {
        return
            [this, row](const std::string& column) { return row + "." + dialect_.quote(column); };
    }

    [[nodiscard]] std::string value(const CarriedColumn& carried, const std::string& row) const
    {
        return sql_.value(carried, in(row)).sql;
    }

    /// Over the other row, where a statement reads or writes it.
    [[nodiscard]] std::string back(const CarriedColumn& carried) const
    {
        return sql_.back(carried, in(other())).sql;
    }

    [[nodiscard]] std::string insert() const
    {
        std::string names = dialect_.quote_list(side_.other.key);
        std::string given = joined(sql_.key_values("NEW"), ", ");
        for (const CarriedColumn& carried : side_.other.carried) {
            names += ", " + dialect_.quote(carried.column.name);
            given += ", " + value(carried, "NEW");
        }
        return "INSERT OR IGNORE INTO " + other() + " (" + names + ") SELECT " + given +
               " WHERE NOT EXISTS (SELECT 1 FROM " + other() + " WHERE " +
               sql_.key_of_other("NEW") + ");\n";
    }

    /// A row that others refer to is given its key or none: to delete it would delete theirs.
    [[nodiscard]] std::string moved() const
    {
        std::string set;
        const std::vector<std::string> values = sql_.key_values("NEW");
        for (std::size_t n = 0; n < values.size(); ++n) {
            set += (n == 0 ? "" : ", ") + dialect_.quote(side_.other.key[n]) + " = " + values[n];
        }
        const std::string there =
            " WHERE " + sql_.key_of_other("OLD") + " AND (" + sql_.key_changed() + ")";
        const std::string left =
            side_.other.referred == Referred::by_none
                ? "DELETE FROM " + other()
                : "SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed') FROM " + other();
        return "UPDATE OR IGNORE " + other() + " SET " + set + there + ";\n" + left + there + ";\n";
    }

    [[nodiscard]] std::string explained(const CarriedColumn& carried) const
    {
        std::vector<std::string> tests;
        for (const CarriedColumn* way : sql_.ways_back(carried)) {
            tests.push_back(
                "NOT (" +
                sql_.differs("NEW." + dialect_.quote(way->column.name), back(*way), way->column) +
                ")");
        }
        return joined(tests, " AND ");
    }

    [[nodiscard]] std::string out_of_step(const CarriedColumn& carried) const
    {
        const std::string differs =
            sql_.differs(other() + "." + dialect_.quote(carried.column.name), value(carried, "NEW"),
                         carried.column);
        const std::string explanation = explained(carried);
        return explanation.empty() ? differs : differs + " AND NOT (" + explanation + ")";
    }

    [[nodiscard]] std::vector<std::string> acts() const
    {
        std::vector<std::string> acts;
        for (const CarriedColumn& carried : side_.other.carried) {
            acts.push_back(
                "(" + sql_.differs(value(carried, "NEW"), value(carried, "OLD"), carried.column) +
                " AND " + out_of_step(carried) + ")");
        }
        return acts;
    }

    /// A REPLACE of the row with the same key fires nothing but this.
    [[nodiscard]] std::vector<std::string> replaced() const
    {
        std::vector<std::string> acts;
        for (const CarriedColumn& carried : side_.other.carried) {
            acts.push_back("(" + out_of_step(carried) + ")");
        }
        return acts;
    }

    [[nodiscard]] std::string write(const std::vector<std::string>& conditions) const
    {
        std::string set;
        for (std::size_t n = 0; n < conditions.size(); ++n) {
            const CarriedColumn& carried = side_.other.carried[n];
            const std::string column = dialect_.quote(carried.column.name);
            set += (n == 0 ? "" : ", ") + column + " = CASE WHEN " + conditions[n] + " THEN " +
                   value(carried, "NEW") + " ELSE " + column + " END";
        }
        return set.empty()
                   ? ""
                   : "UPDATE OR IGNORE " + other() + " SET " + set + " WHERE " +
                         sql_.key_of_other("NEW") + " AND (" + joined(conditions, " OR ") + ");\n";
    }

    /// The new table is given a row that the old one has, and that is another one.
    [[nodiscard]] std::string refuse_duplicate() const
    {
        if (!side_.is_new || side_.is_alone || side_.other.carried.empty()) {
            return {};
        }
        std::vector<std::string> tests;
        for (const CarriedColumn& carried : side_.other.carried) {
            tests.push_back("(" + out_of_step(carried) + ")");
        }
        std::string key;
        for (const std::string& column : side_.own.key) {
            key += (key.empty() ? "" : ", ") + side_.own.name.name + "." + column;
        }
        return "SELECT RAISE(ABORT, " + dialect_.literal("UNIQUE constraint failed: " + key) +
               ") FROM " + other() + " WHERE " + sql_.key_of_other("NEW") + " AND (" +
               joined(tests, " OR ") + ");\n";
    }

    const SqliteDialect& dialect_;
    const SyncSide& side_;
    SideSql sql_;
};

std::string trigger_name(const SyncSide& side, const char* event)
{
    return "sluice_" + side.name + "_" + event;
}

std::string trigger(const SqliteDialect& dialect, const SyncSide& side, const char* suffix,
                    const std::string& event, const std::string& body)
{
    return "CREATE TRIGGER " + dialect.quote(trigger_name(side, suffix)) + " AFTER " + event +
           "\nBEGIN\n" + body + "END";
}

} // namespace

std::vector<std::string> create_table_sync(const SqliteDialect& dialect, const TableSync& sync)
{
    std::vector<std::string> statements;
    for (const SyncSide& side : sides_of(sync)) {
        const Bodies bodies(dialect, side);
        const std::string on = " ON " + dialect.quote(side.own.name.name) + " FOR EACH ROW";
        statements.push_back(trigger(dialect, side, "ins", "INSERT" + on, bodies.on_insert()));
        statements.push_back(trigger(dialect, side, "upd",
                                     "UPDATE" + on + " WHEN " + bodies.is_concerned(),
                                     bodies.on_update()));
        statements.push_back(trigger(dialect, side, "del", "DELETE" + on, bodies.on_delete()));
    }
    return statements;
}

std::vector<std::string> drop_table_sync(const SqliteDialect& dialect, const TableSync& sync)
{
    std::vector<std::string> statements;
    for (const SyncSide& side : sides_of(sync)) {
        for (const char* event : {"ins", "upd", "del"}) {
            statements.push_back("DROP TRIGGER IF EXISTS " +
                                 dialect.quote(trigger_name(side, event)));
        }
    }
    return statements;
}

std::string share_numbers(const SqliteDialect& dialect, const TableSync& sync)
{
    std::string names = dialect.quote_list(sync.to.key);
    std::string values = dialect.quote_list(sync.from.key);
    for (const CarriedColumn& carried : sync.to.carried) {
        names += ", " + dialect.quote(carried.column.name);
        values += ", " + dialect.converted(carried.value, carried.column.type);
    }
    return "INSERT OR IGNORE INTO " + dialect.quote(sync.to.name.name) + " (" + names +
           ") SELECT " + values + " FROM " + dialect.quote(sync.from.name.name) + " ORDER BY " +
           dialect.quote(sync.from.key[0]) + " DESC LIMIT 1";
}

} // namespace sluice::sqlite
