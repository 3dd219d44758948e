#include "sluice/core/error.h"
#include "sluice/throttle/monitor.h"
#include "sluice/throttle/outside_signals.h"
#include "sluice/throttle/own_batches.h"
#include "sluice/throttle/replicas.h"
#include "support/http_answers.h"
#include "support/temporary_directory.h"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <string>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

class SetClock final : public Clock {
public:
    [[nodiscard]] SteadyTime steady_now() override { return SteadyTime{} + passed; }

    [[nodiscard]] WallTime wall_now() override { return WallTime{} + passed; }

    void sleep(Microseconds duration, const std::stop_token& /*stop*/) override
    {
        passed += duration;
    }

    Microseconds passed{0}; ///< since midnight, UTC
};

/// For signals that must not ask the database for anything.
MonitorConnection no_server()
{
    return MonitorConnection([](const SessionOptions&) -> Session {
        throw Error(ErrorKind::connection, "nobody is there");
    });
}

std::string failure(Signal& signal)
{
    try {
        static_cast<void>(signal.read({}));
    } catch (const Error& error) {
        return error.message;
    }
    return "read";
}

double window_at(const std::string& window, std::chrono::minutes time)
{
    SetClock clock;
    clock.passed = time;
    MonitorConnection server = no_server();
    return make_window(parse_window(window), clock, server)->read({}).value;
}

} // namespace

TEST_CASE("a flag file holds while it is there")
{
    const TemporaryDirectory folder;
    const std::string path = folder.path() / "hold";
    const auto signal = make_flag_file(path);
    CHECK(signal->read({}).value == 0);
    folder.write("hold", "");
    CHECK(signal->read({}).value == 1);
    CHECK(signal->read({}).text == "is there");
    std::filesystem::remove(path);
    CHECK(signal->read({}).value == 0);
    CHECK(failure(*make_flag_file("/" + std::string(5000, 'x'))) == "File name too long");
}

TEST_CASE("a command lets work go on by its exit code, and what it says is told")
{
    SystemClock clock;
    CHECK(make_command("exit 0", clock)->read({}).value == 0);
    const Reading reading = make_command("echo the queue is deep; exit 3", clock)->read({});
    CHECK(reading.value == 1);
    CHECK(reading.text == "exits 3: the queue is deep");
    CHECK(failure(*make_command("/no/such/program 2>/dev/null", clock)) == "it cannot be run");
    CHECK(failure(*make_command("kill -9 $$", clock)) == "it was ended by signal 9");
    CHECK(make_command("yes | head -c 1000000", clock)->read({}).value == 0);
}

TEST_CASE("a command that does not end is ended, at the latest when the monitor is")
{
    SystemClock clock;
    std::stop_source stop;
    stop.request_stop();
    const auto signal = make_command("sleep 600 & sleep 600", clock);
    CHECK_THROWS_AS(static_cast<void>(signal->read(stop.get_token())), Error);
}

TEST_CASE("a probe lets work go on when it answers 200, and only then")
{
    SystemClock clock;
    const test::HttpAnswers server({"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                                    "HTTP/1.1 429 Too Many Requests\r\n\r\n", "HTTP/1.0 200 OK\n",
                                    "220 mail.example.org ESMTP\r\n", ""});
    const auto signal = make_probe(server.url() + "/check?app=sluice", clock);
    CHECK(signal->read({}).value == 0);
    const Reading busy = signal->read({});
    CHECK(busy.value == 1);
    CHECK(busy.text == "answers 429");
    CHECK(signal->read({}).value == 0);
    CHECK(failure(*signal) == "the answer is not HTTP");
    CHECK(failure(*signal) == "no answer");
    CHECK(server.requests().at(0).find("GET /check?app=sluice HTTP/1.1\r\nHost: 127.0.0.1:") == 0);
}

TEST_CASE("a probe that nobody answers cannot be read")
{
    SystemClock clock;
    std::string url;
    {
        url = test::HttpAnswers({}).url();
    }
    CHECK(failure(*make_probe(url, clock)) == "Connection refused");
    std::stop_source stop;
    stop.request_stop();
    const test::HttpAnswers silent({test::HttpAnswers::silence});
    const auto signal = make_probe(silent.url(), clock);
    CHECK_THROWS_AS(static_cast<void>(signal->read(stop.get_token())), Error);
}

TEST_CASE("a daily window is open from its first minute to the one before its end")
{
    CHECK(window_at("09:00-17:00 utc", 8h + 59min) == 1);
    CHECK(window_at("09:00-17:00 utc", 9h) == 0);
    CHECK(window_at("09:00-17:00 utc", 16h + 59min) == 0);
    CHECK(window_at("09:00-17:00 utc", 17h) == 1);
}

TEST_CASE("a daily window may go over midnight")
{
    CHECK(window_at("22:00-06:00 utc", 21h + 59min) == 1);
    CHECK(window_at("22:00-06:00 utc", 22h) == 0);
    CHECK(window_at("22:00-06:00 utc", 0h) == 0);
    CHECK(window_at("22:00-06:00 utc", 5h + 59min) == 0);
    CHECK(window_at("22:00-06:00 utc", 6h) == 1);
    CHECK(window_at("22:00-24:00 utc", 23h + 59min) == 0);
    CHECK(window_at("22:00-24:00 utc", 0h) == 1);
}

TEST_CASE("a window in the server's time cannot be read without the server")
{
    SetClock clock;
    MonitorConnection server = no_server();
    CHECK(failure(*make_window(parse_window("22:00-06:00 server"), clock, server)) ==
          "nobody is there");
}

TEST_CASE("a server out of reach is tried once a round")
{
    int tries = 0;
    MonitorConnection server([&](const SessionOptions&) -> Session {
        ++tries;
        throw Error(ErrorKind::connection, "nobody is there");
    });
    for (int round = 0; round < 3; ++round) {
        server.begin_round();
        for (int n = 0; n < 5; ++n) {
            CHECK_THROWS_AS(server.with([](Session&) {}), Error);
        }
    }
    CHECK(tries == 3);
}

TEST_CASE("the p99 of the last batches is what a hundredth of them took longer than")
{
    OwnBatches batches;
    CHECK(batches.p99(SteadyTime{}).value == 0);
    for (int n = 1; n <= 100; ++n) {
        batches.note_batch(n * 1ms, SteadyTime{});
    }
    CHECK(batches.p99(SteadyTime{} + 1s).value == doctest::Approx(0.099));
    batches.note_batch(5s, SteadyTime{});
    batches.note_batch(5s, SteadyTime{});
    CHECK(batches.p99(SteadyTime{} + 1s).value == doctest::Approx(5));
    CHECK(batches.p99(SteadyTime{} + 31s).value == 0);
}

TEST_CASE("the busy rate is the share of the last attempts that found the database held")
{
    OwnBatches batches;
    CHECK(batches.busy_rate(SteadyTime{}).value == 0);
    batches.note_busy(SteadyTime{});
    for (int n = 0; n < 3; ++n) {
        batches.note_batch(1ms, SteadyTime{} + 10s);
    }
    CHECK(batches.busy_rate(SteadyTime{} + 20s).value == 0.25);
    CHECK(batches.busy_rate(SteadyTime{} + 35s).value == 0);
}

TEST_CASE("a replica of an idle primary has no lag, however long ago it applied anything")
{
    LagHistory history;
    for (int n = 0; n < 100; ++n) {
        history.add(1000, SteadyTime{} + n * 1s);
        CHECK(history.lag(1000, 3600.0) == 0);
    }
}

TEST_CASE("a replica that stands still falls behind by the time that passes")
{
    LagHistory history;
    history.add(1000, SteadyTime{});
    history.add(1000, SteadyTime{} + 100s);
    history.add(2000, SteadyTime{} + 101s);
    CHECK(history.lag(1000, std::nullopt) == 0); // written just now
    history.add(3000, SteadyTime{} + 108s);
    CHECK(history.lag(1000, std::nullopt) == 7);
    CHECK(history.lag(1000, 3600.0) == 7); // what was seen goes before what is said
    CHECK(history.lag(2500, std::nullopt) == 0);
    CHECK(history.lag(3000, std::nullopt) == 0);
    CHECK(history.lag(4000, std::nullopt) == 0);
}

TEST_CASE("a lag that is older than the watch is as long as the server says")
{
    LagHistory history;
    history.add(5000, SteadyTime{});
    CHECK(history.lag(1000, 42.0) == 42);
    CHECK(history.lag(1000, std::nullopt) == 0);
    history.add(5000, SteadyTime{} + 60s);
    CHECK(history.lag(1000, 42.0) == 60);
}

TEST_CASE("a lag of hours is not forgotten")
{
    LagHistory history;
    for (int n = 0; n < 8000; ++n) {
        history.add(1000 + n, SteadyTime{} + n * 1s);
    }
    CHECK(history.lag(1000, std::nullopt) >= 3600);
}

TEST_CASE("a replica is called by what may be shown")
{
    CHECK(replica_name("env:REPLICA") == "env:REPLICA");
    CHECK(replica_name("postgresql://a:secret@db2/shop") == "db2");
    CHECK(replica_name("mysql://a:secret@db2:3307/") == "db2:3307");
    CHECK(replica_name("mysql://a:secret@/shop?socket=/run/r.sock") == "/run/r.sock");
}

TEST_CASE("without rules there is neither a thread nor a connection, and nothing holds")
{
    SetClock clock;
    int connections = 0;
    Monitor monitor(
        [&](const SessionOptions&) -> Session {
            ++connections;
            throw Error(ErrorKind::connection, "nobody is there");
        },
        clock, {}, {});
    monitor.note_batch(1ms);
    monitor.note_busy();
    CHECK_FALSE(monitor.decision().holds);
    CHECK(connections == 0);
}
