#include "support/rendered.h"

#include "sluice/core/error.h"
#include "sluice/db/catalog.h"
#include "sluice/db/transaction.h"

namespace sluice::test {

namespace {

bool is_done(Session& session, const Step& step)
{
    if (step.done.empty()) {
        return false;
    }
    const Rows rows = session.query(step.done);
    return !rows.empty() && rows[0][0] == "1";
}

void run_once(Session& session, Mode mode, const std::vector<Step>& steps, const Rendered& action)
{
    if (mode == Mode::atomic) {
        Transaction transaction(session);
        for (const Step& step : steps) {
            session.execute(step.sql);
        }
        transaction.commit();
        return;
    }
    if (mode == Mode::locked) {
        std::vector<TableName> there;
        for (const Table& table : read_catalog(session, action.tables).tables) {
            there.push_back(table.name);
        }
        session.execute(session.dialect().lock_tables(there));
    }
    for (const Step& step : steps) {
        if (!is_done(session, step)) {
            session.execute(step.sql);
        }
    }
    if (mode == Mode::locked) {
        session.execute("UNLOCK TABLES");
    }
}

void run(Session& session, Mode mode, const std::vector<Step>& steps, const Rendered& action)
{
    constexpr int most_tries = 100;
    for (int attempt = 1; !steps.empty(); ++attempt) {
        try {
            run_once(session, mode, steps, action);
            return;
        } catch (const Error& error) {
            if (error.details.cause != Cause::lock_timeout || attempt == most_tries) {
                throw;
            }
        }
    }
}

} // namespace

void apply(Session& session, const std::vector<Rendered>& actions)
{
    for (const Rendered& action : actions) {
        run(session, action.mode, action.steps, action);
    }
}

void undo(Session& session, const std::vector<Rendered>& actions)
{
    for (auto action = actions.rbegin(); action != actions.rend(); ++action) {
        run(session, action->undo_mode, action->undo, *action);
    }
}

std::vector<Rendered> carry_out(Session& session, const std::vector<Alteration>& group,
                                const Table& table)
{
    std::vector<Rendered> actions = session.dialect().render(group, table);
    test::apply(session, actions);
    return actions;
}

Column column(const Dialect& dialect, const std::string& name, const std::string& type)
{
    Column made;
    made.name = name;
    made.type = dialect.parse_type(type);
    return made;
}

} // namespace sluice::test
