#include "support/deaths.h"

#include "sluice/core/error.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <random>

namespace sluice::test {

namespace {

/// Not an Error: nothing that handles the database's refusals may take it for one.
struct Killed : std::exception {
    [[nodiscard]] const char* what() const noexcept override { return "killed"; }
};

/// What each shows; on MySQL their names have the database's in them.
std::vector<std::vector<ShownTable>> versions_of(const Project& project)
{
    Session session = project.database.open();
    std::vector<std::vector<ShownTable>> shown;
    for (const VersionSchema& version : read_catalog(session).versions) {
        shown.push_back(version.tables);
    }
    return shown;
}

} // namespace

Process::Process(Project& project, int dies_at) : project_(project), dies_at_(dies_at)
{
    // A process that is gone from this machine is not waited for.
    project_.options.actor.pid = 4'190'000;
    REQUIRE(is_gone(project_.options.actor));
    project_.before_statement = [this](std::string_view sql) {
        const std::lock_guard lock(mutex_); // the heartbeat has a thread of its own
        if (static_cast<int>(statements_.size()) + 1 >= dies_at_) {
            has_died_ = true;
            throw Killed();
        }
        statements_.emplace_back(sql.substr(0, sql.find_first_of(" \n")));
    };
}

Process::~Process()
{
    project_.before_statement = {};
}

const char* const small_batches =
    "[pace]\nbatch_rows = 10\nbatch_max = 10\nsleep = \"0ms\"\nduty = 1\n";

void live_to_the_end(Project& project)
{
    const Migration& migration = project.migration();
    (void)project.runner().expand(migration);
    (void)project.runner().migrate(migration);
    (void)project.runner().contract(migration);
    (void)project.runner().purge(migration);
}

void live_there_and_back(Project& project)
{
    const Migration& migration = project.migration();
    (void)project.runner().expand(migration);
    (void)project.runner().migrate(migration);
    (void)project.runner().contract(migration);
    (void)project.runner().rollback(migration);
    (void)project.runner().rollback(migration);
}

void go_back_to_the_start(Project& project)
{
    for (int n = 1; n <= 2 && project.state() != State::pending; ++n) {
        (void)project.runner().rollback(project.migration());
    }
}

Outcome outcome_of(Project& project, const Reading& reading)
{
    return {project.state(), project.schema(), versions_of(project),
            project.rows(reading.table, reading.columns)};
}

void check_same(const Outcome& expected, const Outcome& found)
{
    CHECK(name_of(found.state) == name_of(expected.state));
    CHECK(found.rows == expected.rows);
    CHECK(found.versions == expected.versions);
    REQUIRE(found.schema.size() == expected.schema.size());
    for (std::size_t n = 0; n < expected.schema.size(); ++n) {
        for (const std::string& difference : differences(expected.schema[n], found.schema[n])) {
            FAIL_CHECK(difference);
        }
    }
}

bool dies_within(Project& project, Life life, int n)
{
    const Process process(project, n);
    try {
        life(project);
    } catch (const Killed&) {
        return true;
    } catch (const Error&) {
        // What a dead process goes on to say, of a session that it gave up, nobody hears.
        if (process.has_died()) {
            return true;
        }
        throw;
    }
    return false;
}

void begin(Project& project, const Subject& subject)
{
    if (!subject.setup.empty()) { // which MySQL takes for an error
        project.database.run(subject.setup);
    }
    project.add("1_subject", subject.migration);
}

std::vector<std::string> statements_of(const Subject& subject, Life life)
{
    Project project(50);
    begin(project, subject);
    const Process process(project, never);
    life(project);
    return process.statements();
}

std::vector<int> points_of(const std::vector<std::string>& statements, std::size_t after)
{
    std::vector<int> points;
    for (std::size_t n = after; n < statements.size(); ++n) {
        const std::string before = n == 0 ? "" : statements[n - 1];
        if (before != "SELECT" && before != "EXPLAIN" && before != "SHOW") {
            points.push_back(static_cast<int>(n) + 1);
        }
    }
    return points;
}

std::vector<int> chosen(const std::vector<int>& points, std::size_t sample)
{
    const bool all = std::getenv("SLUICE_TEST_LONG") != nullptr;
    const std::size_t stride = all ? 1 : std::max<std::size_t>(1, points.size() / sample);
    const std::size_t first = std::random_device{}() % stride;
    MESSAGE(points.size(), " points, every ", stride, " of them, from ", first);
    std::vector<int> some;
    for (std::size_t each = first; each < points.size(); each += stride) {
        some.push_back(points[each]);
    }
    return some;
}

namespace {

/// Dies at each point of `life`, then `after` is another process's.
void at_every_point(const Subject& subject, Life life, Life after, const Reading& reading,
                    const Outcome& expected)
{
    for (const int n : chosen(points_of(statements_of(subject, life), 0), subject.sample)) {
        CAPTURE(n);
        Project project(50);
        begin(project, subject);
        (void)dies_within(project, life, n);
        const Process next(project, never);
        after(project);
        check_same(expected, outcome_of(project, reading));
    }
}

} // namespace

void goes_on_to_the_same_end(const Subject& subject)
{
    Project undisturbed(50);
    begin(undisturbed, subject);
    live_to_the_end(undisturbed);
    at_every_point(subject, live_to_the_end, live_to_the_end, subject.after,
                   outcome_of(undisturbed, subject.after));
}

void goes_all_the_way_back(const Subject& subject)
{
    Project untouched(50);
    begin(untouched, subject);
    at_every_point(subject, live_there_and_back, go_back_to_the_start, subject.before,
                   outcome_of(untouched, subject.before));
}

} // namespace sluice::test
