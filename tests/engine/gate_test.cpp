#include "sluice/core/error.h"
#include "sluice/run/gate.h"
#include "sluice/state/schema.h"
#include "support/project.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sluice;
using test::error_of;
using test::Project;

namespace {

struct Gated {
    Project project;

    explicit Gated(const std::string& gate)
    {
        project.add("1_initials", test::written_out + gate);
        (void)project.runner().apply();
    }

    [[nodiscard]] GateReport report() const
    {
        Session session = project.database.open();
        return check_gate(session, project.migration());
    }

    [[nodiscard]] GateCondition only_closed() const
    {
        const GateReport found = report();
        std::vector<GateCondition> closed;
        std::copy_if(found.conditions.begin(), found.conditions.end(), std::back_inserter(closed),
                     [](const GateCondition& condition) { return !condition.holds; });
        REQUIRE(closed.size() == 1);
        return closed[0];
    }
};

} // namespace

TEST_CASE("the gate of a migration that was migrated and verified is open, with its evidence")
{
    const Gated gated("");
    const GateReport report = gated.report();
    CHECK(report.is_open());
    CHECK(std::all_of(report.conditions.begin(), report.conditions.end(),
                      [](const GateCondition& condition) { return !condition.evidence.empty(); }));
    CHECK(report.conditions[1].evidence.find("25 changed") != std::string::npos);
}

TEST_CASE("the gate of a migration that has not begun is shut, and looking at it changes nothing")
{
    Project project;
    project.add("1_initials", test::written_out);
    Session session = project.database.open();
    const GateReport report = check_gate(session, project.migration());
    CHECK_FALSE(report.is_open());
    CHECK(report.conditions.at(0).next.find("sluice migrate 1") != std::string::npos);
    CHECK_FALSE(find_state(session).has_value());
}

TEST_CASE("a migration that is only expanded is refused at the gate")
{
    Project project;
    const Migration& migration = project.add("1_initials", test::written_out);
    (void)project.runner().expand(migration);
    const Error error = error_of([&] { (void)project.runner().contract(migration); });
    CHECK(error.kind == ErrorKind::refused);
    CHECK(error.details.hint.find("sluice migrate 1") != std::string::npos);
    CHECK(project.state() == State::expanded);
}

TEST_CASE("the gate stays shut until the soak time is over, by the server's clock")
{
    Gated gated("[gate]\nsoak = \"1h\"\n");
    CHECK(gated.only_closed().name == "soak time is over");
    Session session = gated.project.database.open();
    session.execute("UPDATE " + session.dialect().state_table("migration") +
                    " SET migrated_at = '2020-01-01T00:00:00.000Z'");
    CHECK(gated.report().is_open());
}

TEST_CASE("each condition of the file must return one true value")
{
    const Gated gated("[gate]\nconditions = [\"SELECT count(*) = 25 FROM people\", "
                      "\"SELECT count(*) > 25 FROM people\", \"SELECT id FROM people\", "
                      "\"SELECT id FROM people WHERE id < 0\"]\n");
    const GateReport report = gated.report();
    const std::size_t first = report.conditions.size() - 4;
    CHECK(report.conditions[first].holds);
    CHECK_FALSE(report.conditions[first + 1].holds);
    CHECK_FALSE(report.conditions[first + 2].holds);
    CHECK(report.conditions[first + 2].evidence.find("25 rows") != std::string::npos);
    CHECK_FALSE(report.conditions[first + 3].holds);
}

TEST_CASE("an approval opens the gate for the definition that was approved, and for this try only")
{
    Gated gated("[gate]\napprove = true\n");
    CHECK(gated.only_closed().next.find("--approve") != std::string::npos);
    {
        Session session = gated.project.database.open();
        approve(session, gated.project.migration(), current_actor(), "looked at it");
    }
    CHECK(gated.report().is_open());
    (void)gated.project.runner().rollback(gated.project.migration());
    (void)gated.project.runner().apply();
    CHECK(gated.only_closed().name == "approved");
}

TEST_CASE("what has not been expanded, or was edited since, cannot be approved")
{
    Project project;
    project.add("1_initials", test::written_out);
    Session session = project.database.open();
    CHECK(error_of([&] {
              approve(session, project.migration(), current_actor(), "why not");
          }).kind == ErrorKind::refused);
    (void)project.runner().apply();
    project.edit("1_initials", test::rename_full_name);
    CHECK(error_of([&] {
              approve(session, project.migration(), current_actor(), "why not");
          }).kind == ErrorKind::refused);
}

TEST_CASE("a backfill that is not done keeps the gate shut, whatever the state says")
{
    Gated gated("");
    Session session = gated.project.database.open();
    session.execute("UPDATE " + session.dialect().state_table("run") + " SET state = 'failed'");
    CHECK(gated.only_closed().name == "backfills are done");
}

TEST_CASE("a verification from before the last backfill is no evidence")
{
    Gated gated("");
    Session session = gated.project.database.open();
    session.execute(
        "UPDATE " + session.dialect().state_table("action") +
        " SET finished_at = '2020' WHERE phase = 'migrate' AND body LIKE '%\"expect\"%'");
    CHECK(gated.only_closed().name == "verified after the last backfill");
}
