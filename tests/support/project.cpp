#include "support/project.h"

#include "sluice/core/error.h"
#include "sluice/state/schema.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

namespace sluice::test {

namespace {

Migration parsed(const std::string& version_and_name, const std::string& toml)
{
    return parse_migration(toml, "migrations/" + version_and_name + ".toml");
}

} // namespace

Project::Project(int rows)
{
    database.run(by_engine(
        "CREATE TABLE people (id bigint PRIMARY KEY, full_name varchar(40) NOT NULL, age int)",
        "CREATE TABLE people (id bigint PRIMARY KEY, full_name varchar(40) NOT NULL, age int)"
        " ENGINE=InnoDB",
        "CREATE TABLE people (id INTEGER PRIMARY KEY, full_name varchar(40) NOT NULL, age int)"));
    std::string values;
    for (int n = 1; n <= rows; ++n) {
        const std::string number = std::to_string(n);
        values += (n == 1 ? "(" : ", (") + number + ", 'name " + number + "', " + number + ")";
    }
    if (rows > 0) {
        database.run("INSERT INTO people (id, full_name, age) VALUES " + values);
    }
    options.actor = current_actor();
}

const Migration& Project::add(const std::string& version_and_name, const std::string& toml)
{
    migrations.push_back(parsed(version_and_name, toml));
    return migrations.back();
}

void Project::edit(const std::string& version_and_name, const std::string& toml)
{
    Migration edited = parsed(version_and_name, toml);
    for (Migration& migration : migrations) {
        if (migration.version == edited.version) {
            migration = edited;
            return;
        }
    }
    throw std::logic_error("there is no migration " + version_and_name);
}

Runner Project::runner()
{
    const Connect connect = [this](SessionOptions session) {
        session.before_statement = [this](std::string_view, std::string_view sql) {
            if (before_statement) {
                before_statement(sql);
            }
        };
        return database.open(std::move(session));
    };
    return Runner(connect, clock, listener, stop.get_token(), migrations, options);
}

State Project::state(std::size_t n)
{
    Session session = database.open();
    for (const MigrationStatus& status : read_status(session, migrations)) {
        if (status.version == migrations.at(n).version) {
            return status.state;
        }
    }
    throw std::logic_error("status does not show the migration");
}

std::vector<Table> Project::schema() const
{
    Session session = database.open();
    return read_catalog(session).tables;
}

std::string Project::rows(const std::string& table, const std::string& columns) const
{
    Session session = database.open();
    std::string text;
    for (const Row& row :
         session.query("SELECT " + columns + " FROM " + table + " ORDER BY id").rows) {
        for (const Value& value : row) {
            text += value.value_or("NULL") + "|";
        }
        text += "\n";
    }
    return text;
}

Error error_of(const std::function<void()>& work)
{
    try {
        work();
    } catch (const Error& error) {
        return error;
    }
    throw std::logic_error("nothing was thrown");
}

} // namespace sluice::test
