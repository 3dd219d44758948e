#include "sluice/db/postgresql/table_sync.h"

#include "sluice/db/postgresql/trigger.h"
#include "sluice/db/table_sync_sql.h"

namespace sluice::postgresql {

namespace {

std::string number(const char* prefix, std::size_t n)
{
    return prefix + std::to_string(n + 1);
}

/// The function of one side. Its triggers come after the row was written, and one of them may have
/// written it again: so it goes by the row as it is now, not by NEW.
class Function {
public:
    Function(const PostgresqlDialect& dialect, const SyncSide& side)
        : dialect_(dialect), side_(side), sql_(dialect, side)
    {
    }

    [[nodiscard]] std::string text() const
    {
        return "\n#variable_conflict use_column\nDECLARE\n" + declarations() + "BEGIN\n" +
               emptied() + deleted() + unconcerned() + "SELECT * INTO sluice_now FROM " + own() +
               " WHERE " + sql_.key_of_own("NEW") + ";\nIF NOT FOUND THEN RETURN NULL; END IF;\n" +
               moved() + values("sluice_v", "sluice_now") + "SELECT * INTO sluice_other FROM " +
               other() + " WHERE " + sql_.key_of_other("sluice_now") + ";\nIF NOT FOUND THEN\n" +
               guarded(insert()) + "RETURN NULL;\nEND IF;\nIF TG_OP = 'INSERT' THEN\n" + met() +
               "RETURN NULL;\nEND IF;\n" + values("sluice_b", "OLD") + update() +
               "RETURN NULL;\nEND\n";
    }

private:
    [[nodiscard]] std::string own() const { return dialect_.quote(side_.own.name); }

    [[nodiscard]] std::string other() const { return dialect_.quote(side_.other.name); }

    [[nodiscard]] ColumnAt in(const std::string& row) const
    {
        return
            [this, row](const std::string& column) { return row + "." + dialect_.quote(column); };
    }

    [[nodiscard]] std::string declarations() const
    {
        std::string text =
            "sluice_now " + own() + "%ROWTYPE;\nsluice_other " + other() + "%ROWTYPE;\n";
        for (std::size_t n = 0; n < side_.other.carried.size(); ++n) {
            const std::string type = " " + side_.other.carried[n].column.type.sql + ";\n";
            text += number("sluice_v", n) + type + number("sluice_b", n) + type;
        }
        for (std::size_t n = 0; n < side_.own.carried.size(); ++n) {
            text += number("sluice_o", n) + " " + side_.own.carried[n].column.type.sql + ";\n";
        }
        return text;
    }

    [[nodiscard]] std::string emptied() const
    {
        const std::string followed =
            side_.other.referred == Referred::by_others
                ? refused("feature_not_supported",
                          "cannot truncate \"" + display(side_.own.name) + "\" together with \"" +
                              display(side_.other.name) +
                              "\", which is referenced in a foreign key constraint",
                          "Delete the rows instead.")
                : "DELETE FROM " + other() + ";\nRETURN NULL;\n";
        return "IF TG_OP = 'TRUNCATE' THEN\n" + followed + "END IF;\n";
    }

    [[nodiscard]] std::string deleted() const
    {
        return "IF TG_OP = 'DELETE' THEN\nIF NOT EXISTS (SELECT FROM " + own() + " WHERE " +
               sql_.key_of_own("OLD") + ") THEN\nDELETE FROM " + other() + " WHERE " +
               sql_.key_of_other("OLD") + ";\nEND IF;\nRETURN NULL;\nEND IF;\n";
    }

    [[nodiscard]] std::string unconcerned() const
    {
        const std::string changed = joined({sql_.key_changed(), sql_.sources_changed()}, " OR ");
        return "IF TG_OP = 'UPDATE' AND NOT (" + changed + ") THEN RETURN NULL; END IF;\n";
    }

    [[nodiscard]] std::string refused(const std::string& condition, const std::string& message,
                                      const std::string& hint) const
    {
        return "RAISE EXCEPTION USING ERRCODE = " + dialect_.literal(condition) +
               ", MESSAGE = " + dialect_.literal(message) + ", HINT = " + dialect_.literal(hint) +
               ";\n";
    }

    /// A row that others refer to is given its key or none: to delete it would delete theirs.
    [[nodiscard]] std::string given_key(const std::string& set) const
    {
        const std::string old = " WHERE " + sql_.key_of_other("OLD") + ";\n";
        const std::string write = "UPDATE " + other() + " SET " + set + old;
        const std::string if_free = "IF NOT EXISTS (SELECT FROM " + other() + " WHERE " +
                                    sql_.key_of_other("NEW") + ") THEN\n";
        if (side_.other.referred == Referred::by_none) {
            return if_free + guarded_unless_referred(write) + "END IF;\nDELETE FROM " + other() +
                   old;
        }
        return if_free + write + "ELSE\n" +
               refused("foreign_key_violation",
                       "a row with the new key is in table \"" + display(side_.other.name) +
                           "\" already, to which foreign keys refer",
                       "Change the keys of rows one at a time.") +
               "END IF;\n";
    }

    [[nodiscard]] std::string moved() const
    {
        std::string set;
        const std::vector<std::string> values = sql_.key_values("NEW");
        for (std::size_t n = 0; n < values.size(); ++n) {
            set += (n == 0 ? "" : ", ") + dialect_.quote(side_.other.key[n]) + " = " + values[n];
        }
        return "IF TG_OP = 'UPDATE' AND (" + sql_.key_changed() + ") AND NOT EXISTS (SELECT FROM " +
               own() + " WHERE " + sql_.key_of_own("OLD") + ") AND EXISTS (SELECT FROM " + other() +
               " WHERE " + sql_.key_of_other("OLD") + ") THEN\n" + given_key(set) + "END IF;\n";
    }

    /// Each value in a variable, NULL where computing it fails.
    [[nodiscard]] std::string values(const char* prefix, const std::string& row) const
    {
        std::string text;
        const bool is_before = row == "OLD";
        for (std::size_t n = 0; n < side_.other.carried.size(); ++n) {
            text += assigned(number(prefix, n), sql_.value(side_.other.carried[n], in(row)));
        }
        return is_before ? text + backs() : text;
    }

    [[nodiscard]] static std::string assigned(const std::string& variable, const Computed& value)
    {
        const std::string assign = variable + " := " + value.sql + ";\n";
        return value.is_total ? assign
                              : "BEGIN\n" + assign + "EXCEPTION WHEN others THEN\n" + variable +
                                    " := NULL;\nEND;\n";
    }

    /// The own row as the other one gives it.
    [[nodiscard]] std::string backs() const
    {
        std::string text;
        for (std::size_t n = 0; n < side_.own.carried.size() && !side_.is_alone; ++n) {
            text += assigned(number("sluice_o", n),
                             sql_.back(side_.own.carried[n], in("sluice_other")));
        }
        return text;
    }

    [[nodiscard]] std::string insert() const
    {
        std::string names = dialect_.quote_list(side_.other.key);
        std::string given = joined(sql_.key_values("sluice_now"), ", ");
        for (std::size_t n = 0; n < side_.other.carried.size(); ++n) {
            names += ", " + dialect_.quote(side_.other.carried[n].column.name);
            given += ", " + number("sluice_v", n);
        }
        return "INSERT INTO " + other() + " (" + names + ") VALUES (" + given + ") ON CONFLICT (" +
               dialect_.quote_list(side_.other.key) + ") DO NOTHING;\n";
    }

    /// The other column is what this one's value is, or this row is what the other one gives.
    [[nodiscard]] std::string explained(const CarriedColumn& carried) const
    {
        std::vector<std::string> tests;
        for (const CarriedColumn* way : sql_.ways_back(carried)) {
            const auto n = static_cast<std::size_t>(way - side_.own.carried.data());
            tests.push_back("NOT (" +
                            sql_.differs("sluice_now." + dialect_.quote(way->column.name),
                                         number("sluice_o", n), way->column) +
                            ")");
        }
        return joined(tests, " AND ");
    }

    [[nodiscard]] std::string out_of_step(std::size_t n) const
    {
        const CarriedColumn& carried = side_.other.carried[n];
        const std::string differs =
            sql_.differs("sluice_other." + dialect_.quote(carried.column.name),
                         number("sluice_v", n), carried.column);
        const std::string explanation = explained(carried);
        return explanation.empty() ? differs : differs + " AND NOT (" + explanation + ")";
    }

    /// The other table has the row of an insert already.
    [[nodiscard]] std::string met() const
    {
        if (side_.is_alone) {
            return guarded(write(std::vector<std::string>(side_.other.carried.size(), "true")));
        }
        std::vector<std::string> tests;
        for (std::size_t n = 0; n < side_.other.carried.size(); ++n) {
            tests.push_back("(" + out_of_step(n) + ")");
        }
        if (!side_.is_new || tests.empty()) {
            return {};
        }
        return backs() + "IF " + joined(tests, " OR ") +
               " THEN\nRAISE EXCEPTION USING ERRCODE = 'unique_violation', MESSAGE = " +
               dialect_.literal("a row with this key is in table \"" + display(side_.other.name) +
                                "\" already, and from it in table \"" + display(side_.own.name) +
                                "\"") +
               ";\nEND IF;\n";
    }

    [[nodiscard]] std::string update() const
    {
        std::vector<std::string> acts;
        for (std::size_t n = 0; n < side_.other.carried.size(); ++n) {
            const std::string changed = sql_.differs(number("sluice_v", n), number("sluice_b", n),
                                                     side_.other.carried[n].column);
            acts.push_back("(" + changed + " AND " + out_of_step(n) + ")");
        }
        if (acts.empty()) {
            return {};
        }
        return "IF " + joined(acts, " OR ") + " THEN\n" + guarded(write(acts)) + "END IF;\n";
    }

    [[nodiscard]] std::string write(const std::vector<std::string>& conditions) const
    {
        std::string set;
        for (std::size_t n = 0; n < conditions.size(); ++n) {
            const std::string column = dialect_.quote(side_.other.carried[n].column.name);
            set += (n == 0 ? "" : ", ") + column + " = CASE WHEN " + conditions[n] + " THEN " +
                   number("sluice_v", n) + " ELSE " + column + " END";
        }
        return set.empty() ? ""
                           : "UPDATE " + other() + " SET " + set + " WHERE " +
                                 sql_.key_of_other("sluice_now") + ";\n";
    }

    const PostgresqlDialect& dialect_;
    const SyncSide& side_;
    SideSql sql_;
};

} // namespace

std::vector<std::string> create_table_sync(const PostgresqlDialect& dialect, const TableSync& sync)
{
    std::vector<std::string> statements;
    for (const SyncSide& side : sides_of(sync)) {
        const TableName& table = side.own.name;
        statements.push_back(
            create_carrying_function(dialect, side.name, Function(dialect, side).text()));
        statements.push_back(create_trigger(dialect, {.name = side.name,
                                                      .table = table,
                                                      .when = "AFTER INSERT OR UPDATE OR DELETE",
                                                      .each = "ROW",
                                                      .function_of = side.name}));
        statements.push_back(create_trigger(dialect, {.name = side.name + "_all",
                                                      .table = table,
                                                      .when = "AFTER TRUNCATE",
                                                      .each = "STATEMENT",
                                                      .function_of = side.name}));
    }
    return statements;
}

std::vector<std::string> drop_table_sync(const PostgresqlDialect& dialect, const TableSync& sync)
{
    std::vector<std::string> statements;
    for (const SyncSide& side : sides_of(sync)) {
        statements.push_back(drop_trigger(dialect, side.name, side.own.name));
        statements.push_back(drop_trigger(dialect, side.name + "_all", side.own.name));
        statements.push_back("DROP FUNCTION IF EXISTS " + sync_function(dialect, side.name) + "()");
    }
    return statements;
}

std::string share_numbers(const PostgresqlDialect& dialect, const TableSync& sync)
{
    const std::string to = dialect.literal(dialect.quote(sync.to.name));
    return "DO $sluice$\nDECLARE\nsequence text := pg_catalog.pg_get_serial_sequence(" +
           dialect.literal(dialect.quote(sync.from.name)) + ", " +
           dialect.literal(sync.from.key[0]) +
           ");\nright_ record;\nBEGIN\nEXECUTE pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I "
           "SET DEFAULT nextval(%L::regclass)', " +
           to + ", " + dialect.literal(sync.to.key[0]) +
           ", sequence);\nFOR right_ IN SELECT a.* FROM pg_catalog.pg_class c, "
           "pg_catalog.aclexplode(c.relacl) a WHERE c.oid = " +
           to +
           "::pg_catalog.regclass AND a.grantee <> c.relowner AND a.privilege_type = 'INSERT'\n"
           "LOOP\nEXECUTE pg_catalog.format('GRANT USAGE ON SEQUENCE %s TO %s', sequence, CASE "
           "WHEN right_.grantee = 0 THEN 'PUBLIC' ELSE "
           "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(right_.grantee)) END);\nEND "
           "LOOP;\nEND\n$sluice$";
}

std::string take_over_numbers(const PostgresqlDialect& dialect, const TableSync& sync)
{
    const std::string table = dialect.quote(sync.to.name);
    const std::string key = dialect.quote(sync.to.key[0]);
    const std::string to = dialect.literal(table) + ", " + dialect.literal(sync.to.key[0]);
    return "DO $sluice$\nDECLARE\nlast_ bigint;\ncalled boolean;\nBEGIN\nEXECUTE "
           "pg_catalog.format('SELECT last_value, is_called FROM %s', "
           "pg_catalog.pg_get_serial_sequence(" +
           dialect.literal(dialect.quote(sync.from.name)) + ", " +
           dialect.literal(sync.from.key[0]) + ")) INTO last_, called;\nALTER TABLE " + table +
           " ALTER COLUMN " + key + " DROP DEFAULT, ALTER COLUMN " + key +
           " ADD GENERATED BY DEFAULT AS IDENTITY;\nPERFORM "
           "pg_catalog.setval(pg_catalog.pg_get_serial_sequence(" +
           to + "), last_, called);\nEND\n$sluice$";
}

} // namespace sluice::postgresql
