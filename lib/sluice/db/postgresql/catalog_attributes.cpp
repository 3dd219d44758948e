#include "sluice/db/postgresql/catalog_attributes.h"

#include "sluice/db/dialect.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sluice::postgresql {

namespace {

using Tables = std::map<std::string, Table>;

std::string oids(const Tables& tables)
{
    std::string list;
    for (const auto& table : tables) {
        list += (list.empty() ? "" : ",") + table.first;
    }
    return "'{" + list + "}'::oid[]";
}

std::vector<std::string> names_in_json(const Value& json)
{
    return json ? nlohmann::json::parse(*json).get<std::vector<std::string>>()
                : std::vector<std::string>{};
}

Column* column_of(Tables& tables, const Row& row)
{
    std::vector<Column>& columns = tables[*row[0]].columns;
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&row](const Column& each) { return each.name == *row[1]; });
    return found == columns.end() ? nullptr : &*found;
}

/// Of the attribute `a` and its type `t`, as a JSON list of what ALTER COLUMN is followed by.
std::string settings_query(const Session& session)
{
    const bool has_compression = session.dialect().server().version >= 140000;
    return std::string("to_json(array_remove(ARRAY["
                       "CASE WHEN coalesce(a.attstattarget, -1) >= 0 "
                       "THEN 'SET STATISTICS ' || a.attstattarget END, "
                       "CASE WHEN a.attstorage <> t.typstorage THEN 'SET STORAGE ' || "
                       "CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' "
                       "WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END, ") +
           (has_compression ? "CASE a.attcompression WHEN 'p' THEN 'SET COMPRESSION pglz' "
                              "WHEN 'l' THEN 'SET COMPRESSION lz4' END, "
                            : "") +
           "(SELECT 'SET (' || string_agg(o, ', ') || ')' FROM unnest(a.attoptions) o "
           "WHERE o LIKE 'n\\_distinct%')], NULL))";
}

void read_column_settings(Session& session, Tables& tables)
{
    const Rows rows = session.query(
        "SELECT a.attrelid, a.attname, " + settings_query(session) +
        " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
        "WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = ANY (" +
        oids(tables) + ")");
    for (const Row& row : rows.rows) {
        if (Column* column = column_of(tables, row)) {
            column->settings = names_in_json(row[2]);
        }
    }
}

/// Of what aclexplode() gives as `x`.
const char* const grant_text = "x.privilege_type || ' TO ' || CASE x.grantee WHEN 0 THEN 'PUBLIC' "
                               "ELSE quote_ident(pg_get_userbyid(x.grantee)) END || "
                               "CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END";

void read_column_grants(Session& session, Tables& tables)
{
    const Rows rows =
        session.query(std::string("SELECT a.attrelid, a.attname, ") + grant_text +
                      " FROM pg_catalog.pg_attribute a, aclexplode(a.attacl) x "
                      "WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = ANY (" +
                      oids(tables) + ") ORDER BY 1, 2, 3");
    for (const Row& row : rows.rows) {
        if (Column* column = column_of(tables, row)) {
            column->grants.push_back(*row[2]);
        }
    }
}

/// The owner's own rights are not told: they come with the table.
void read_table_settings(Session& session, Tables& tables)
{
    const Rows rows = session.query(
        std::string("SELECT c.oid, to_json(array_remove(ARRAY["
                    "CASE WHEN c.relrowsecurity THEN 'ENABLE ROW LEVEL SECURITY' END, "
                    "CASE WHEN c.relforcerowsecurity THEN 'FORCE ROW LEVEL SECURITY' END, "
                    "CASE c.relreplident WHEN 'f' THEN 'REPLICA IDENTITY FULL' "
                    "WHEN 'n' THEN 'REPLICA IDENTITY NOTHING' WHEN 'i' THEN "
                    "'REPLICA IDENTITY USING INDEX ' || (SELECT quote_ident(ic.relname) "
                    "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic "
                    "ON ic.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisreplident) END, "
                    "(SELECT 'CLUSTER ON ' || quote_ident(ic.relname) FROM pg_catalog.pg_index i "
                    "JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid "
                    "WHERE i.indrelid = c.oid AND i.indisclustered), "
                    "'SET (' || array_to_string(c.reloptions, ', ') || ')'], NULL)), "
                    "obj_description(c.oid, 'pg_class'), "
                    "(SELECT json_agg(") +
        grant_text +
        " ORDER BY 1) FROM aclexplode(c.relacl) x WHERE x.grantee <> c.relowner) "
        "FROM pg_catalog.pg_class c WHERE c.oid = ANY (" +
        oids(tables) + ")");
    for (const Row& row : rows.rows) {
        Table& table = tables[*row[0]];
        table.settings = names_in_json(row[1]);
        table.comment = row[2].value_or("");
        table.grants = names_in_json(row[3]);
    }
}

Index* index_of(Table& table, const std::string& name)
{
    if (table.key_index.name == name) {
        return &table.key_index;
    }
    const auto found = std::find_if(table.indexes.begin(), table.indexes.end(),
                                    [&name](const Index& index) { return index.name == name; });
    return found == table.indexes.end() ? nullptr : &*found;
}

void read_index_options(Session& session, Tables& tables)
{
    const Rows rows = session.query(
        "SELECT i.indrelid, ic.relname, array_to_string(ic.reloptions, ', '), "
        "concat_ws(' ', CASE WHEN co.condeferrable THEN 'DEFERRABLE' END, "
        "CASE WHEN co.condeferred THEN 'INITIALLY DEFERRED' END), "
        "CASE WHEN co.oid IS NULL THEN obj_description(ic.oid, 'pg_class') "
        "ELSE obj_description(co.oid, 'pg_constraint') END "
        "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid "
        "LEFT JOIN pg_catalog.pg_constraint co ON co.conindid = i.indexrelid "
        "AND co.conrelid = i.indrelid AND co.contype IN ('p', 'u', 'x') WHERE i.indrelid = ANY (" +
        oids(tables) + ")");
    for (const Row& row : rows.rows) {
        if (Index* index = index_of(tables[*row[0]], *row[1])) {
            index->options = row[2].value_or("");
            index->deferrable = row[3].value_or("");
            index->comment = row[4].value_or("");
        }
    }
}

/// Of the sequence `q`: what CREATE SEQUENCE says of it, its type apart. What follows from the type
/// is not said.
const char* const sequence_options =
    "concat_ws(' ', 'START WITH ' || q.seqstart, 'INCREMENT BY ' || q.seqincrement, "
    "CASE WHEN q.seqmin <> CASE WHEN q.seqincrement > 0 THEN 1 "
    "WHEN q.seqtypid = 'int2'::regtype THEN -32768 "
    "WHEN q.seqtypid = 'int4'::regtype THEN -2147483648 ELSE -9223372036854775808 END "
    "THEN 'MINVALUE ' || q.seqmin END, "
    "CASE WHEN q.seqmax <> CASE WHEN q.seqincrement < 0 THEN -1 "
    "WHEN q.seqtypid = 'int2'::regtype THEN 32767 "
    "WHEN q.seqtypid = 'int4'::regtype THEN 2147483647 ELSE 9223372036854775807 END "
    "THEN 'MAXVALUE ' || q.seqmax END, "
    "'CACHE ' || q.seqcache, CASE WHEN q.seqcycle THEN 'CYCLE' END)";

/// Of the sequences `s` that `d` finds for the column `a`.
std::string sequences_where(const std::string& owned, const std::string& joined)
{
    return std::string("SELECT a.attrelid, a.attname, n.nspname, s.relname, "
                       "format_type(q.seqtypid, NULL), ") +
           owned + ", CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END, " +
           sequence_options + " FROM pg_catalog.pg_attribute a " + joined +
           " JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid "
           "JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace WHERE a.attrelid = ANY (";
}

/// Those that go with a column, and those that only its default asks.
void read_sequences(Session& session, Tables& tables)
{
    const std::string owned = "JOIN pg_catalog.pg_depend d ON d.refobjid = a.attrelid AND "
                              "d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i') "
                              "AND d.classid = 'pg_catalog.pg_class'::regclass "
                              "AND d.refclassid = 'pg_catalog.pg_class'::regclass "
                              "JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'";
    const std::string asked = "JOIN pg_catalog.pg_attrdef ad ON ad.adrelid = a.attrelid "
                              "AND ad.adnum = a.attnum JOIN pg_catalog.pg_depend d "
                              "ON d.classid = 'pg_catalog.pg_attrdef'::regclass "
                              "AND d.objid = ad.oid AND d.deptype = 'n' "
                              "AND d.refclassid = 'pg_catalog.pg_class'::regclass "
                              "JOIN pg_catalog.pg_class s ON s.oid = d.refobjid AND s.relkind = "
                              "'S'";
    const std::string is_own = ") AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend o WHERE "
                               "o.objid = s.oid AND o.refobjid = a.attrelid AND o.refobjsubid = "
                               "a.attnum AND o.deptype IN ('a', 'i'))";
    const Rows rows = session.query(sequences_where("true", owned) + oids(tables) + ") UNION ALL " +
                                    sequences_where("false", asked) + oids(tables) + is_own +
                                    " ORDER BY 1, 2, 3, 4");
    for (const Row& row : rows.rows) {
        if (Column* column = column_of(tables, row)) {
            column->sequences.push_back({.name = {*row[2], *row[3]},
                                         .type = *row[4],
                                         .is_owned = *row[5] == "t",
                                         .identity = row[6].value_or(""),
                                         .options = *row[7]});
        }
    }
}

/// The columns of a table that an object's dependencies name; of those that pg_depend knows.
std::string depended(const char* catalog, const std::string& object, const std::string& table)
{
    return std::string("(SELECT json_agg(DISTINCT a.attname) FROM pg_catalog.pg_depend d "
                       "JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid "
                       "AND a.attnum = d.refobjsubid WHERE d.classid = 'pg_catalog.") +
           catalog + "'::regclass AND d.objid = " + object +
           " AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = " + table +
           " AND d.refobjsubid > 0)";
}

std::string policies()
{
    return "SELECT p.polrelid, 'policy', p.polname, " +
           depended("pg_policy", "p.oid", "p.polrelid") +
           ", concat_ws(' ', CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END, "
           "'FOR ' || p.polcmd::text, 'TO ' || (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE "
           "quote_ident(pg_get_userbyid(r)) END, ', ') FROM unnest(p.polroles) r), "
           "'USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', "
           "'WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')') "
           "FROM pg_catalog.pg_policy p";
}

std::string statistics()
{
    return "SELECT s.stxrelid, 'statistics', s.stxname, " +
           depended("pg_statistic_ext", "s.oid", "s.stxrelid") +
           ", pg_get_statisticsobjdef(s.oid) FROM pg_catalog.pg_statistic_ext s";
}

std::string rules()
{
    return "SELECT r.ev_class, 'rule', r.rulename, " +
           depended("pg_rewrite", "r.oid", "r.ev_class") +
           ", pg_get_ruledef(r.oid) FROM pg_catalog.pg_rewrite r WHERE r.rulename <> '_RETURN'";
}

/// Before 15 a publication has whole tables.
std::string publications(const Session& session)
{
    const bool has_columns = session.dialect().server().version >= 150000;
    return std::string("SELECT pr.prrelid, 'publication', p.pubname, ") +
           (has_columns
                ? "(SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_attribute a "
                  "WHERE a.attrelid = pr.prrelid AND (a.attnum = ANY (pr.prattrs) OR EXISTS "
                  "(SELECT FROM pg_catalog.pg_depend d WHERE d.objid = pr.oid AND d.classid = "
                  "'pg_catalog.pg_publication_rel'::regclass AND d.refobjid = pr.prrelid AND "
                  "d.refobjsubid = a.attnum))), pg_get_expr(pr.prqual, pr.prrelid)"
                : "NULL::json, NULL") +
           " FROM pg_catalog.pg_publication_rel pr "
           "JOIN pg_catalog.pg_publication p ON p.oid = pr.prpubid";
}

/// Those that write the table: their workers fire no trigger that is not ALWAYS.
std::string subscriptions()
{
    // pg_subscription's own oid is not for everyone to read on every server.
    return "SELECT r.srrelid, 'subscription', s.subname, NULL::json, NULL "
           "FROM pg_catalog.pg_subscription_rel r "
           "JOIN (SELECT DISTINCT subid, subname FROM pg_catalog.pg_stat_subscription) s "
           "ON s.subid = r.srsubid";
}

void read_dependents(Session& session, Tables& tables)
{
    const Rows rows = session.query(
        "SELECT u.* FROM (" + policies() + " UNION ALL " + statistics() + " UNION ALL " + rules() +
        " UNION ALL " + publications(session) + " UNION ALL " + subscriptions() +
        ") u (relation, kind, name, columns, definition) WHERE u.relation = ANY (" + oids(tables) +
        ") ORDER BY u.relation, u.kind, u.name");
    for (const Row& row : rows.rows) {
        tables[*row[0]].dependents.push_back({.kind = *row[1],
                                              .name = *row[2],
                                              .columns = names_in_json(row[3]),
                                              .definition = row[4].value_or("")});
    }
}

} // namespace

void read_attributes(Session& session, std::map<std::string, Table>& tables)
{
    read_column_settings(session, tables);
    read_column_grants(session, tables);
    read_sequences(session, tables);
    read_table_settings(session, tables);
    read_index_options(session, tables);
    read_dependents(session, tables);
}

} // namespace sluice::postgresql
