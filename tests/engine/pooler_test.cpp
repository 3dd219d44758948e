// A real PgBouncer between sluice and PostgreSQL: in session mode everything works, in transaction
// mode it is told before anything is set, because what is set would stay behind in the connections
// that the application is given next.

#include "sluice/core/error.h"
#include "support/database.h"
#include "support/faults.h"
#include "support/program.h"
#include "support/temporary_directory.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace sluice;

namespace {

const std::string script = SLUICE_SOURCE_DIR "/tests/support/pooler";

class PrivatePooler {
public:
    PrivatePooler(const std::string& mode, const test::TestDatabase& database)
    {
        std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
        const std::string server = ":" + std::to_string(database.url().port) + "/";
        const std::string path = directory_.path();
        REQUIRE(test::await_program(
                    test::start_executable(
                        script, {"start", path, mode, std::to_string(database.url().port)}))
                    .exit_code == 0);
        std::ifstream file(directory_.path() / "port");
        std::string port;
        std::getline(file, port);
        url_text_ = database.url_text();
        url_text_.replace(url_text_.find(server), server.size(), ":" + port + "/");
    }

    PrivatePooler(const PrivatePooler&) = delete;
    PrivatePooler& operator=(const PrivatePooler&) = delete;

    ~PrivatePooler()
    {
        const std::string path = directory_.path();
        (void)test::await_program(test::start_executable(script, {"stop", path}));
    }

    [[nodiscard]] const std::string& url_text() const { return url_text_; }

private:
    TemporaryDirectory directory_;
    std::string url_text_;
};

} // namespace

TEST_CASE("a pooler in transaction mode is told, and nothing is left behind in its connections")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    const test::TestDatabase database;
    const PrivatePooler pooler("transaction", database);
    for (int n = 0; n < 5; ++n) {
        try {
            Session(parse_url(pooler.url_text()), {.batch = true});
            FAIL("a session through the pooler was made");
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::refused);
            CHECK(error.message.find("pooler in transaction mode") != std::string::npos);
            CHECK(error.details.hint.find("pool_mode = session") != std::string::npos);
        }
    }
    const TemporaryDirectory directory;
    const test::ProgramResult result =
        test::run_program({"status", "--url", pooler.url_text(), "--migrations", directory.path()});
    CHECK(result.exit_code == 3);
    // What an application would be given next.
    const std::string out = directory.path() / "out";
    const std::string ask = "SELECT current_setting('enable_seqscan'), "
                            "current_setting('row_security'), current_setting('lock_timeout')";
    const pid_t psql = test::start_executable(
        "/usr/bin/psql", {"-X", "-A", "-t", "-o", out, "-c", ask, pooler.url_text()});
    CHECK(test::await_program(psql).exit_code == 0);
    std::ifstream file(out);
    std::string line;
    std::getline(file, line);
    CHECK(line == "on|on|0");
}

TEST_CASE("through a pooler in session mode a backfill works")
{
    if (test::engine() != Engine::postgresql) {
        return;
    }
    const test::TestDatabase database;
    const PrivatePooler pooler("session", database);
    test::make_counters(database.connect(), 500);
    const std::int64_t run = test::make_counting_run(database.connect(), 50);
    test::BackgroundWorker worker(pooler.url_text(), run);
    CHECK(worker.end() == BackfillEnd::done);
    test::check_counted_once(database.connect(), 500);
}
