#include "sluice/db/postgresql/trigger.h"

namespace sluice::postgresql {

std::string dollar_quoted(const std::string& text)
{
    std::string tag = "$sluice$";
    while (text.find(tag) != std::string::npos) {
        tag.insert(tag.size() - 1, "_");
    }
    return tag + text + tag;
}

std::string sync_function(const Dialect& dialect, const std::string& name)
{
    return dialect.quote("sluice") + "." + dialect.quote("sync_" + name);
}

std::string create_carrying_function(const Dialect& dialect, const std::string& name,
                                     const std::string& text)
{
    return "CREATE OR REPLACE FUNCTION " + sync_function(dialect, name) +
           "() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS " +
           dollar_quoted(text);
}

std::string guarded(const std::string& write)
{
    return "BEGIN\n" + write +
           "EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN NULL;\nEND;\n";
}

std::string guarded_unless_referred(const std::string& write)
{
    return "BEGIN\n" + write +
           "EXCEPTION WHEN foreign_key_violation THEN RAISE;\nWHEN integrity_constraint_violation "
           "OR data_exception THEN NULL;\nEND;\n";
}

std::string create_trigger(const Dialect& dialect, const SyncTrigger& trigger)
{
    return "CREATE TRIGGER " + dialect.quote("zzz_sluice_" + trigger.name) + " " + trigger.when +
           " ON " + dialect.quote(trigger.table) + " FOR EACH " + trigger.each +
           " EXECUTE FUNCTION " + sync_function(dialect, trigger.function_of) + "()";
}

std::string drop_trigger(const Dialect& dialect, const std::string& name, const TableName& table)
{
    return "DROP TRIGGER IF EXISTS " + dialect.quote("zzz_sluice_" + name) + " ON " +
           dialect.quote(table);
}

std::string lock_both(const Dialect& dialect, const TableName& first, const TableName& second)
{
    const auto lock = [&dialect](const TableName& table) {
        return "LOCK TABLE " + dialect.quote(table) + " IN ACCESS EXCLUSIVE MODE";
    };
    const auto is_gone = [&dialect](const TableName& table) {
        return "pg_catalog.to_regclass(" + dialect.literal(dialect.quote(table)) + ") IS NULL";
    };
    return "DO $sluice$\nDECLARE\nbegan CONSTANT timestamptz := pg_catalog.clock_timestamp();\n"
           "patience CONSTANT interval := pg_catalog.current_setting('lock_timeout');\nBEGIN\nIF " +
           is_gone(first) + " OR " + is_gone(second) + " THEN\nRETURN;\nEND IF;\nLOOP\nBEGIN\n" +
           lock(first) + ";\n" + lock(second) +
           " NOWAIT;\nEXIT;\nEXCEPTION WHEN lock_not_available THEN\nIF "
           "pg_catalog.clock_timestamp() > began + patience THEN\nRAISE;\nEND IF;\nEND;\nPERFORM "
           "pg_catalog.pg_sleep(0.002 + pg_catalog.random() / 100);\nEND LOOP;\nEND\n$sluice$";
}

} // namespace sluice::postgresql
