#include "sluice/core/error.h"
#include "sluice/db/url.h"

#include <doctest/doctest.h>

#include <string>

using namespace sluice;

namespace {

/// The whole of what a person would see.
std::string refusal(const std::string& text)
{
    try {
        static_cast<void>(parse_url(text));
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::usage);
        return error.message + " | " + error.details.hint;
    }
    return "accepted";
}

bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a sqlite URL names a file, relative or absolute, with any characters")
{
    CHECK(parse_url("sqlite:dev.db").path == "dev.db");
    CHECK(parse_url("sqlite:/var/lib/app.db").path == "/var/lib/app.db");
    CHECK(parse_url("sqlite:///var/lib/app.db").path == "/var/lib/app.db");
    CHECK(parse_url("sqlite:my data/a b.db").path == "my data/a b.db");
    CHECK(parse_url("sqlite:my%20data/100%25.db").path == "my data/100%.db");
    CHECK(parse_url("SQLite:what%3F.db?mode=ro").path == "what?.db");
    CHECK(parse_url("sqlite:a.db?mode=ro").parameters.at("mode") == "ro");
}

TEST_CASE("a server URL is taken apart and every part is percent-decoded")
{
    const Url url = parse_url("postgresql://a%40b:p%2F%3F%23%3A%25@db.example:5433/my%20app?"
                              "sslmode=verify-full&sslrootcert=%2Fetc%2Fca%20file.pem");
    CHECK(url.engine == Engine::postgresql);
    CHECK(url.user == "a@b");
    CHECK(url.password == "p/?#:%");
    CHECK(url.host == "db.example");
    CHECK(url.port == 5433);
    CHECK(url.database == "my app");
    CHECK(url.parameters.at("sslmode") == "verify-full");
    CHECK(url.parameters.at("sslrootcert") == "/etc/ca file.pem");
}

TEST_CASE("each engine is known by its usual names")
{
    CHECK(parse_url("postgres://h/d").engine == Engine::postgresql);
    CHECK(parse_url("mysql://h/d").engine == Engine::mysql);
    CHECK(parse_url("mariadb://h/d").engine == Engine::mysql);
    CHECK(name_of(Engine::mysql) == "mysql");
}

TEST_CASE("what is left out stays empty")
{
    const Url url = parse_url("mysql://u@h");
    CHECK(url.user == "u");
    CHECK(url.password.empty());
    CHECK(url.port == 0);
    CHECK(url.database.empty());
    CHECK(parse_url("postgresql:///app").host.empty());
}

TEST_CASE("a password may hold raw colons, at signs and hashes")
{
    const Url url = parse_url("mysql://u:a:b@c#d@h:3306/x");
    CHECK(url.password == "a:b@c#d");
    CHECK(url.host == "h");
    CHECK(url.port == 3306);
}

TEST_CASE("an IPv6 host stands in brackets")
{
    const Url url = parse_url("postgresql://u:p@[2001:db8::1]:5433/x");
    CHECK(url.host == "2001:db8::1");
    CHECK(url.port == 5433);
    CHECK(url.display() == "postgresql://u:***@[2001:db8::1]:5433/x");
    CHECK(has(refusal("postgresql://[::1/x"), "\"]\""));
    CHECK(has(refusal("postgresql://[::1]5432/x"), "not a port"));
}

TEST_CASE("a socket is a parameter or an encoded host")
{
    CHECK(parse_url("mysql://u@/x?socket=/run/my.sock").socket == "/run/my.sock");
    const Url url = parse_url("postgresql://u@%2Frun%2Fpostgresql/x");
    CHECK(url.socket == "/run/postgresql");
    CHECK(url.host.empty());
}

TEST_CASE("display shows everything but the password")
{
    const Url url = parse_url("postgresql://me:hunter2@h:5432/my%20app?sslmode=require");
    CHECK(url.display() == "postgresql://me:***@h:5432/my%20app?sslmode=require");
    CHECK(parse_url("mysql://h/x").display() == "mysql://h/x");
    CHECK(parse_url("sqlite:a b.db?mode=ro").display() == "sqlite:a b.db?mode=ro");
}

TEST_CASE("an unknown engine is refused with the nearest")
{
    const std::string text = refusal("postgre://u:hunter2@h/d");
    CHECK(has(text, "unknown engine \"postgre\""));
    CHECK(has(text, "\"postgres\"? "));
    CHECK_FALSE(has(text, "hunter2"));
    CHECK(has(refusal("oracle://h/d"), "Write sqlite:PATH"));
    CHECK(has(refusal("dev.db"), "names no engine"));
    CHECK(has(refusal(""), "names no engine"));
    CHECK(has(refusal("postgresql:h/d"), "\"//\""));
}

TEST_CASE("an unknown parameter or value is refused with those that are known")
{
    CHECK(has(refusal("postgresql://h/d?ssl_mode=require"), "Did you mean \"sslmode\"?"));
    CHECK(has(refusal("mysql://h/d?sslmode=required"), "Did you mean \"ssl-mode\"?"));
    CHECK(has(refusal("mysql://h/d?ssl-mode=on"), "disabled, preferred, required"));
    CHECK(has(refusal("postgresql://h/d?sslmode"), "no value"));
    CHECK(has(refusal("postgresql://h/d?sslmode=require&sslmode=allow"), "twice"));
    CHECK(has(refusal("sqlite:a.db?cache=shared"), "Known are: mode."));
}

TEST_CASE("no refusal repeats any part of a password that was not encoded")
{
    for (const char* text :
         {"mysql://u:hunter2/rest@h/d", "mysql://u:hunter2?rest@h/d",
          "mysql://u:hunter2:rest@h:x/d", "mysql://u:hunter2%zz@h/d", "mysql://u:1?hunter2@h/d",
          "mysql://u:1/hunter2@h/d", "mysql://u:hunter2%00@h/d", "mysql://u:hunter2%4@h/d"}) {
        const std::string said = refusal(text);
        CAPTURE(said);
        CHECK(said != "accepted");
        CHECK_FALSE(has(said, "hunter2"));
        CHECK_FALSE(has(said, "rest"));
    }
}

TEST_CASE("what cannot be meant is refused")
{
    CHECK(has(refusal("mysql://h:0/d"), "1 to 65535"));
    CHECK(has(refusal("mysql://h:99999/d"), "1 to 65535"));
    CHECK(has(refusal("mysql://a,b/d"), "one host"));
    CHECK(has(refusal("mysql://h/a/b"), "\"/\""));
    CHECK(parse_url("mysql://h/a%2Fb").database == "a/b");
    CHECK(has(refusal("sqlite:"), "names no file"));
    CHECK(has(refusal("sqlite::memory:"), "in-memory"));
    CHECK(has(refusal("sqlite:a%00b"), "zero byte"));
}
