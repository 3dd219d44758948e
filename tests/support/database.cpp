#include "support/database.h"

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <unistd.h>

namespace sluice::test {

namespace {

std::string server_url(const std::string& engine)
{
    const char* servers = std::getenv("SLUICE_TEST_SERVERS");
    const std::string file = std::string(servers != nullptr ? servers : "") + "/" + engine + "/url";
    std::ifstream in(file);
    std::string url;
    if (!std::getline(in, url)) {
        throw std::runtime_error("no server for " + engine + ": " + file +
                                 " cannot be read; start one with tests/support/server start " +
                                 engine + " DIR/" + engine + " and set SLUICE_TEST_SERVERS=DIR");
    }
    return url;
}

std::string unique_name()
{
    static std::atomic<int> count{0};
    return "t" + std::to_string(::getpid()) + "_" + std::to_string(++count);
}

/// MySQL: a version of a database is another one.
void drop_versions(Session& admin, const std::string& name)
{
    const std::string beginning = admin.dialect().literal(name + "_");
    const Rows versions = admin.query("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE "
                                      "LEFT(SCHEMA_NAME, CHAR_LENGTH(" +
                                      beginning + ")) = " + beginning);
    for (const Row& row : versions.rows) {
        admin.execute("DROP DATABASE " + admin.dialect().quote(row[0].value()));
    }
}

} // namespace

TestDatabase::TestDatabase(Engine which) : name_(unique_name())
{
    switch (which) {
    case Engine::sqlite:
        url_text_ = "sqlite:" + directory_.emplace().path().string() + "/test.db";
        break;
    case Engine::postgresql: {
        const std::string admin = server_url("postgresql");
        Session(parse_url(admin), {}).execute("CREATE DATABASE " + name_);
        url_text_ = admin.substr(0, admin.rfind('/') + 1) + name_;
        break;
    }
    case Engine::mysql: {
        const std::string admin = server_url("mysql");
        Session(parse_url(admin), {})
            .execute("CREATE DATABASE " + name_ + " CHARACTER SET utf8mb4");
        url_text_ = admin.substr(0, admin.rfind('/') + 1) + name_;
        break;
    }
    }
    url_ = parse_url(url_text_);
}

TestDatabase::~TestDatabase()
{
    if (is_kept("database " + url_text_) || directory_) {
        return; // the directory goes by itself
    }
    try {
        const bool postgresql = url_.engine == Engine::postgresql;
        Session admin(parse_url(server_url(postgresql ? "postgresql" : "mysql")), {});
        admin.execute("DROP DATABASE " + name_ + (postgresql ? " WITH (FORCE)" : ""));
        if (!postgresql) {
            drop_versions(admin, name_);
        }
    } catch (const std::exception& error) {
        std::cerr << "could not drop " << name_ << ": " << error.what() << '\n';
    }
}

Connect TestDatabase::connect() const
{
    return [url = url_](SessionOptions options) { return Session(url, std::move(options)); };
}

void TestDatabase::run(const std::string& script) const
{
    open().execute_script(script);
}

std::string TestDatabase::value(const std::string& query) const
{
    const Rows rows = open().query(query);
    if (rows.empty()) {
        return "no row";
    }
    return rows[0][0].value_or("NULL");
}

std::string by_engine(const std::string& postgresql, const std::string& mysql,
                      const std::string& sqlite)
{
    switch (engine()) {
    case Engine::postgresql:
        return postgresql;
    case Engine::mysql:
        return mysql;
    case Engine::sqlite:
        return sqlite;
    }
    throw std::logic_error("unknown engine");
}

} // namespace sluice::test
