#include "sluice/core/error.h"
#include "sluice/throttle/probe_url.h"
#include "sluice/throttle/rules_reader.h"
#include "sluice/throttle/rules_text.h"

#include <doctest/doctest.h>
#include <toml++/toml.h>

#include <string>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

Rules read(const std::string& text)
{
    const toml::table document = toml::parse(text);
    const std::string file = "sluice.toml";
    return read_rules(Section(document, file, "[throttle]"));
}

Error failure(const std::string& text)
{
    try {
        static_cast<void>(read(text));
    } catch (const Error& error) {
        return error;
    }
    return {ErrorKind::internal, "accepted"};
}

void check_failure(const std::string& text, const std::string& message, const std::string& hint)
{
    CAPTURE(text);
    const Error error = failure(text);
    CHECK(error.kind == ErrorKind::definition);
    CHECK(error.message == message);
    CHECK_MESSAGE(error.details.hint.find(hint) != std::string::npos, error.details.hint);
}

std::string refusal(const Rules& rules, const std::string& key, const std::string& value)
{
    try {
        static_cast<void>(with_rule(rules, key, value));
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::usage);
        return error.message + "; " + error.details.hint;
    }
    return "accepted";
}

const std::string everything = R"toml(
replica_lag        = "5s"
oldest_transaction = { max = "5m", critical = "1h" }
free_disk          = { min = "20GB", critical = "512MB" }
lock_waiters       = 2
busy_rate          = 0.25
autovacuum         = true
dead_share         = 0.2
vacuum             = "run"
replicas           = ["env:REPLICA_1", "postgresql://sluice:secret@db2/shop"]
commands           = ["/usr/local/bin/is-quiet --now"]
probes             = ["http://127.0.0.1:8080/check?app=sluice"]
flag_files         = ["/run/sluice/hold"]
window             = "22:00-06:30 server"
[[queries]]
name     = "queue"
sql      = "SELECT count(*) FROM job"
max      = 1000
critical = 50000
)toml";

} // namespace

TEST_CASE("rules are read in their short and in their long form")
{
    const Rules rules = read(everything);
    CHECK(rules.limits.size() == 7);
    CHECK(rules.limits.at("replica_lag") == Limits{.hold = 5, .critical = std::nullopt});
    CHECK(rules.limits.at("oldest_transaction") == Limits{.hold = 300, .critical = 3600});
    CHECK(rules.limits.at("free_disk") == Limits{.hold = 20 * 0x1p30, .critical = 0x1p29});
    CHECK(rules.limits.at("lock_waiters").hold == 2);
    CHECK(rules.limits.at("busy_rate").hold == 0.25);
    CHECK(rules.limits.at("autovacuum").hold == 0);
    CHECK(rules.limits.at("dead_share").hold == 0.2);
    CHECK(rules.vacuum == Vacuum::run);
    CHECK(rules.replicas.size() == 2);
    CHECK(rules.window == DailyWindow{.from = 22h, .to = 6h + 30min, .zone = Zone::server});
    REQUIRE(rules.queries.size() == 1);
    CHECK(rules.queries[0] == NumberQuery{.name = "queue",
                                          .sql = "SELECT count(*) FROM job",
                                          .limits = {.hold = 1000, .critical = 50'000}});
    CHECK(read("").empty());
    CHECK(read("autovacuum = false").empty());
}

TEST_CASE("rules survive the way through a run's row")
{
    const Rules rules = read(everything);
    CHECK(rules_from_json(to_json(rules)) == rules);
    CHECK(to_json(Rules{}).empty());
    CHECK(rules_from_json("").empty());
}

TEST_CASE("rules that this version does not know are refused rather than left out")
{
    for (const char* json : {R"({"limits": {"moon_phase": {"max": 1}}})", R"({"sirens": ["a"]})",
                             "{", "7", R"({"limits": {"replica_lag": {"max": 1, "mean": 2}}})",
                             R"({"window": "always"})", R"({"vacuum": "full"})"}) {
        CAPTURE(json);
        try {
            static_cast<void>(rules_from_json(json));
            FAIL("accepted");
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::refused);
            CHECK(error.message.find("throttle rules cannot be obeyed") != std::string::npos);
        }
    }
}

TEST_CASE("a slip in the rules is told with its place and the nearest key")
{
    check_failure("replica_lags = \"5s\"",
                  "sluice.toml:1:1: unknown key \"replica_lags\" in [throttle]",
                  "Did you mean \"replica_lag\"?");
    check_failure("\nreplica_lag = { maxi = \"5s\" }",
                  "sluice.toml:2:17: unknown key \"maxi\" in [replica_lag]",
                  "Did you mean \"max\"? replica_lag takes max and critical.");
    check_failure("replica_lag = { critical = \"5s\" }",
                  "sluice.toml:1:15: [replica_lag] has no \"max\"", "Add max = ….");
    check_failure("free_disk = { max = \"5GB\" }",
                  "sluice.toml:1:15: unknown key \"max\" in [free_disk]",
                  "free_disk takes min and critical.");
    check_failure("[[queries]]\nname = \"a\"\nmax = 1",
                  "sluice.toml:1:1: [[queries]] has no \"sql\"", "Add sql = ….");
    check_failure("[[queries]]\nname = \"a\"\nsql = \"s\"\nmax = 1\n"
                  "[[queries]]\nname = \"a\"\nsql = \"t\"\nmax = 1",
                  "sluice.toml:6:1: a second query is called \"a\"", "makes a run wait");
}

TEST_CASE("a limit that is no such quantity is told with what was expected")
{
    check_failure("replica_lag = 5",
                  "sluice.toml:1:1: \"replica_lag\": expected a duration such as \"10ms\", \"2s\", "
                  "\"5m\", \"24h\" or \"7d\", found \"5\"",
                  "");
    check_failure("wal_size = \"5 GB\"",
                  "sluice.toml:1:1: \"wal_size\": expected a size such as \"512kB\", \"64MB\", "
                  "\"20GB\" or \"1TB\", found \"5 GB\"",
                  "");
    check_failure("lock_waiters = -1",
                  "sluice.toml:1:1: \"lock_waiters\": expected a number, 0 or more, found \"-1\"",
                  "");
    check_failure("busy_rate = 1.5",
                  "sluice.toml:1:1: \"busy_rate\": expected a number from 0 to 1, found \"1.5\"",
                  "");
    check_failure("autovacuum = 1", "sluice.toml:1:1: \"autovacuum\": expected true, found \"1\"",
                  "");
}

TEST_CASE("a critical limit stands beyond the one that holds")
{
    check_failure("replica_lag = { max = \"60s\", critical = \"5s\" }",
                  "sluice.toml:1:30: \"critical\": critical is 5s, below max, which is 1m", "");
    check_failure("free_disk = { min = \"1GB\", critical = \"2GB\" }",
                  "sluice.toml:1:28: \"critical\": critical is 2GB, above min, which is 1GB", "");
}

TEST_CASE("what a rule points to must be findable from every machine, and safe to show")
{
    check_failure("flag_files = [\"hold\"]",
                  "sluice.toml:1:1: \"flag_files\": \"hold\" is not an absolute path",
                  "write it from \"/\"");
    check_failure("replicas = [\"file:replica\"]",
                  "sluice.toml:1:1: \"replicas\": \"file:replica\" is not an absolute path", "");
    check_failure("probes = [\"https://ada:secret@example.org/x\"]",
                  "sluice.toml:1:1: \"probes\": expected a probe such as "
                  "\"http://127.0.0.1:8080/check\", found \"https://ada:***@example.org/x\"",
                  "plain HTTP");
    check_failure("window = \"22:00-6:00\"",
                  "sluice.toml:1:1: \"window\": expected a daily window such as "
                  "\"22:00-06:00 utc\", found \"22:00-6:00\"",
                  "The zone is utc, local");
    const Error error = failure("replicas = [\"postgresql://a:secret@db/x?sslmod=1\"]");
    CHECK(error.message.find("secret") == std::string::npos);
    CHECK(error.message.find("unknown parameter \"sslmod\"") != std::string::npos);
}

TEST_CASE("passwords in the rules are not shown")
{
    const Rules rules = shown(read(everything));
    CHECK(rules.replicas[0] == "env:REPLICA_1");
    CHECK(rules.replicas[1] == "postgresql://sluice:***@db2/shop");
}

TEST_CASE("single rules are changed, added and taken away")
{
    Rules rules = with_rule({}, "replica_lag", "10s");
    rules = with_rule(rules, "replica_lag.critical", "60s");
    CHECK(rules.limits.at("replica_lag") == Limits{.hold = 10, .critical = 60});
    rules = with_rule(rules, "replica_lag.max", "20s");
    CHECK(rules.limits.at("replica_lag") == Limits{.hold = 20, .critical = 60});
    rules = with_rule(rules, "replica_lag.critical", "off");
    CHECK(rules.limits.at("replica_lag") == Limits{.hold = 20, .critical = std::nullopt});
    rules = with_rule(rules, "flag_files", "/a");
    rules = with_rule(with_rule(rules, "flag_files", "/b"), "flag_files", "/a");
    CHECK(rules.flag_files == std::vector<std::string>{"/a", "/b"});
    rules = with_rule(rules, "window", "23:00-24:00 local");
    CHECK(text_of(rules.window.value()) == "23:00-00:00 local");
    rules = with_rule(rules, "vacuum", "run");
    CHECK(text_of(rules).ends_with("vacuum=run"));
    CHECK(rules.vacuum == Vacuum::run);
    for (const char* name : {"replica_lag", "flag_files", "window", "vacuum"}) {
        rules = with_rule(rules, name, "off");
    }
    CHECK(rules.empty());
}

TEST_CASE("a single rule that makes no sense is refused")
{
    CHECK(refusal({}, "replica_lagg", "1s").find("Did you mean \"replica_lag\"?") !=
          std::string::npos);
    CHECK(refusal({}, "replica_lag.min", "1s").find("\"replica_lag\" has max and critical") !=
          std::string::npos);
    CHECK(refusal({}, "replica_lag.critical", "1s").find("has no limit yet") != std::string::npos);
    CHECK(refusal(with_rule({}, "replica_lag", "5s"), "replica_lag.critical", "1s")
              .find("critical is 1s, below max") != std::string::npos);
    CHECK(refusal({}, "flag_files", "a").find("absolute path") != std::string::npos);
    CHECK(refusal({}, "commands", " ").find("empty") != std::string::npos);
    CHECK(refusal({}, "queries", "SELECT 1").find("sluice.toml") != std::string::npos);
    CHECK(refusal({}, "window", "06:00-06:00 utc").find("daily window") != std::string::npos);
}

TEST_CASE("quantities are short, and rounded to what matters")
{
    CHECK(readable_quantity(Unit::duration, 0.0123) == "12ms");
    CHECK(readable_quantity(Unit::duration, 7.23) == "7.2s");
    CHECK(readable_quantity(Unit::duration, 5) == "5s");
    CHECK(readable_quantity(Unit::duration, 300) == "5m");
    CHECK(readable_quantity(Unit::duration, 7200) == "2h");
    CHECK(readable_quantity(Unit::duration, 754) == "12.6m");
    CHECK(readable_quantity(Unit::bytes, 0) == "0B");
    CHECK(readable_quantity(Unit::bytes, 1.5 * 0x1p30) == "1.5GB");
    CHECK(readable_quantity(Unit::bytes, parse_quantity(Unit::bytes, "512kB")) == "512kB");
    CHECK(readable_quantity(Unit::count, 1234567) == "1,234,567");
    CHECK(readable_quantity(Unit::count, 0.5) == "0.5");
    CHECK(readable_quantity(Unit::share, 0.25) == "0.25");
}

TEST_CASE("the parts of a probe's URL are found")
{
    const ProbeUrl plain = parse_probe_url("http://db.example");
    CHECK(plain.host == "db.example");
    CHECK(plain.authority() == "db.example");
    CHECK(plain.target == "/");
    const ProbeUrl full = parse_probe_url("http://[::1]:8080?a=b#c");
    CHECK(full.host == "::1");
    CHECK(full.authority() == "[::1]:8080");
    CHECK(full.target == "/?a=b");
    for (const char* wrong : {"http://", "http://:80/", "http://a:b/", "http://a b/", "ftp://a",
                              "http://u@h/", "http://[::1/", "http://[::1]x/"}) {
        CAPTURE(wrong);
        CHECK_THROWS_AS(static_cast<void>(parse_probe_url(wrong)), Error);
    }
}
