#include "sluice/db/postgresql/link_sync.h"

#include "sluice/db/link_writes.h"
#include "sluice/db/postgresql/trigger.h"
#include "sluice/db/render_parts.h"

#include <utility>

namespace sluice::postgresql {

namespace {

/// Each guard is a subtransaction: one for all writes that stand together.
std::string statements_of(const LinkWrites& writes)
{
    std::string text;
    std::string together;
    const auto end_guard = [&] {
        text += together.empty() ? "" : guarded(together);
        together.clear();
    };
    for (const LinkWrite& write : writes) {
        if (write.is_delete) {
            end_guard();
            text += write.sql;
        } else {
            together += write.sql;
        }
    }
    end_guard();
    return text;
}

/// What the function of one side does, by what its trigger tells it of.
class Function {
public:
    Function(const PostgresqlDialect& dialect, const LinkSide& side)
        : dialect_(dialect), side_(side), sql_(dialect, side)
    {
    }

    [[nodiscard]] std::string text() const
    {
        return "\nBEGIN\nIF TG_OP = 'INSERT' THEN\n" + on(LinkEvent::insert) +
               "ELSIF TG_OP = 'UPDATE' THEN\nIF " + sql_.link_changed() + " THEN\n" +
               on(LinkEvent::relink) + "ELSE\n" + on(LinkEvent::update) +
               "END IF;\nELSIF TG_OP = 'DELETE' THEN\n" + on_delete() + "ELSE\n" + on_truncate() +
               "END IF;\nRETURN NULL;\nEND\n";
    }

    [[nodiscard]] std::vector<SyncTrigger> triggers() const
    {
        std::vector<SyncTrigger> triggers{
            trigger("", on_delete().empty() ? "AFTER INSERT" : "AFTER INSERT OR DELETE", "ROW")};
        if (!is_concerned().empty()) {
            triggers.push_back(
                trigger("_upd", "AFTER UPDATE", "ROW WHEN (" + is_concerned() + ")"));
        }
        if (!on_truncate().empty()) {
            triggers.push_back(trigger("_all", "AFTER TRUNCATE", "STATEMENT"));
        }
        return triggers;
    }

private:
    [[nodiscard]] std::string on(LinkEvent event) const
    {
        return statements_of(writes_on(event, dialect_, side_, {}));
    }

    [[nodiscard]] std::string on_delete() const
    {
        return statements_of(writes_on_delete(dialect_, side_, {}));
    }

    [[nodiscard]] std::string on_truncate() const
    {
        return statements_of(writes_on_truncate(dialect_, side_, {}));
    }

    /// An update that changes nothing of this costs no call.
    [[nodiscard]] std::string is_concerned() const
    {
        if (!on(LinkEvent::update).empty()) {
            return sql_.link_changed() + " OR " + sql_.columns_changed();
        }
        return on(LinkEvent::relink).empty() ? "" : sql_.link_changed();
    }

    [[nodiscard]] SyncTrigger trigger(const char* suffix, const char* when, std::string each) const
    {
        return {.name = side_.name + suffix,
                .table = side_.own().name,
                .when = when,
                .each = std::move(each),
                .function_of = side_.name};
    }

    const PostgresqlDialect& dialect_;
    const LinkSide& side_;
    LinkSql sql_;
};

} // namespace

std::vector<std::string> create_link_sync(const PostgresqlDialect& dialect, const LinkSync& sync)
{
    std::vector<std::string> statements;
    for (const LinkSide& side : sides_of(sync)) {
        const Function function(dialect, side);
        statements.push_back(create_carrying_function(dialect, side.name, function.text()));
        for (const SyncTrigger& trigger : function.triggers()) {
            statements.push_back(create_trigger(dialect, trigger));
        }
    }
    return statements;
}

std::vector<std::string> drop_link_sync(const PostgresqlDialect& dialect, const LinkSync& sync)
{
    std::vector<std::string> statements;
    for (const LinkSide& side : sides_of(sync)) {
        for (const SyncTrigger& trigger : Function(dialect, side).triggers()) {
            statements.push_back(drop_trigger(dialect, trigger.name, trigger.table));
        }
        statements.push_back("DROP FUNCTION IF EXISTS " + sync_function(dialect, side.name) + "()");
    }
    return statements;
}

std::vector<std::string> end_link_sync(const PostgresqlDialect& dialect, const LinkSync& sync)
{
    std::vector<std::string> statements{lock_both(dialect, sync.from.name, sync.to.name)};
    for (std::string& each : drop_link_sync(dialect, sync)) {
        statements.push_back(std::move(each));
    }
    return statements;
}

LinkSteps link_steps(const PostgresqlDialect& dialect, const LinkSync* ended, const LinkSync* begun)
{
    LinkSteps steps;
    if (ended != nullptr) {
        steps.before = steps_of(end_link_sync(dialect, *ended));
    }
    if (begun != nullptr) {
        steps.after = steps_of(create_link_sync(dialect, *begun));
    }
    return steps;
}

std::vector<Step> between(const LinkSteps& links, std::vector<Step> steps)
{
    steps.insert(steps.begin(), links.before.begin(), links.before.end());
    steps.insert(steps.end(), links.after.begin(), links.after.end());
    return steps;
}

Rendered link_triggers(const PostgresqlDialect& dialect, const LinkSync& sync)
{
    return {.steps = steps_of(create_link_sync(dialect, sync)),
            .undo = steps_of(drop_link_sync(dialect, sync)),
            .tables = {sync.to.name, sync.from.name},
            .lock = "SHARE ROW EXCLUSIVE on both tables, brief: writers wait, readers do not"};
}

} // namespace sluice::postgresql
