#include "sluice/report/json_values.h"

namespace sluice {

namespace {

Json event(std::string_view name)
{
    return Json{{"format_version", format_version}, {"event", name}};
}

std::string_view name_of(Direction direction)
{
    return direction == Direction::undo ? "undo" : "forward";
}

template <class Event> Json action_event(std::string_view name, const Event& what)
{
    Json value = event(name);
    value["version"] = what.version;
    value["action"] = what.ordinal;
    value["phase"] = what.phase;
    value["direction"] = name_of(what.direction);
    value["summary"] = what.summary;
    return value;
}

Json value_of(const StateChanged& what)
{
    Json value = event("state_changed");
    value["version"] = what.version;
    value["name"] = what.name;
    value["from"] = what.from;
    value["to"] = what.to;
    return value;
}

Json value_of(const ActionStarted& what)
{
    Json value = action_event("action_started", what);
    value["lock"] = or_null(what.lock);
    return value;
}

Json value_of(const ActionFinished& what)
{
    Json value = action_event("action_finished", what);
    value["took_us"] = what.took.count();
    value["was_done_before"] = what.was_done_before;
    return value;
}

Json value_of(const ActionFailed& what)
{
    Json value = action_event("action_failed", what);
    value["error"] = what.error;
    return value;
}

Json value_of(const BatchDone& what)
{
    Json value = event("progress");
    value["run"] = what.run;
    value["table"] = what.table;
    value["pass"] = what.pass;
    value["rows_scanned"] = what.rows_scanned;
    value["rows_changed"] = what.rows_changed;
    value["estimated_rows"] = what.estimated_rows;
    value["rows_per_second"] = what.rows_per_second;
    value["batch_rows"] = what.batch_rows;
    value["batch_us"] = what.batch_time.count();
    return value;
}

Json value_of(const Waiting& what)
{
    Json value = event("waiting");
    value["run"] = what.run;
    value["reason"] = or_null(what.reason);
    return value;
}

Json value_of(const Retrying& what)
{
    Json value = event("retrying");
    value["what"] = what.what;
    value["attempt"] = what.attempt;
    value["delay_ms"] = what.delay.count();
    value["error"] = what.error;
    return value;
}

Json value_of(const Note& what)
{
    Json value = event("note");
    value["text"] = what.text;
    return value;
}

Json value_of(const StatementGoesOn& what)
{
    Json value = action_event("statement_progress", what);
    value["elapsed_s"] = what.elapsed.count();
    value["doing"] = or_null(what.doing);
    value["done"] = what.total > 0 ? Json(what.done) : Json(nullptr);
    value["total"] = what.total > 0 ? Json(what.total) : Json(nullptr);
    value["unit"] = or_null(what.unit);
    value["waits_for"] = or_null(what.waits_for);
    return value;
}

} // namespace

std::string event_json(const Event& event)
{
    return line_of(std::visit([](const auto& what) { return value_of(what); }, event));
}

} // namespace sluice
