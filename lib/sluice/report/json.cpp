#include "sluice/report/json.h"

#include "sluice/report/json_values.h"

namespace sluice {

namespace {

Json document()
{
    return Json{{"format_version", format_version}};
}

template <class Records, class ToJson>
Json list_of(const Records& records, const ToJson& to_json_of)
{
    Json list = Json::array();
    for (const auto& record : records) {
        list.push_back(to_json_of(record));
    }
    return list;
}

Json holder_or_null(const std::optional<LeaseHolder>& holder)
{
    return holder.has_value() ? value_of(*holder) : Json(nullptr);
}

Json runner_or_null(const std::optional<UnderWay>& doing)
{
    if (!doing) {
        return nullptr;
    }
    Json value = holder_or_null(doing->runner);
    value["statement"] = nullptr;
    if (const auto& statement = doing->statement) {
        const bool is_known = statement->total > 0;
        value["statement"] = Json{{"seconds", statement->seconds},
                                  {"doing", or_null(statement->doing)},
                                  {"done", is_known ? Json(statement->done) : Json(nullptr)},
                                  {"total", is_known ? Json(statement->total) : Json(nullptr)},
                                  {"unit", or_null(statement->unit)},
                                  {"waits_for", or_null(statement->waits_for)}};
    }
    return value;
}

} // namespace

std::string line_of(const Json& value)
{
    // A message may quote bytes of a user's row: what is not UTF-8 is replaced, not thrown at.
    return value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string error_json(const Error& error, int exit_code)
{
    Json result = document();
    Json fields{{"kind", name_of(error.kind)}, {"message", error.message}};
    fields["hint"] = or_null(error.details.hint);
    fields["statement"] = or_null(error.details.statement);
    fields["sqlstate"] = or_null(error.details.sqlstate);
    fields["exit_code"] = exit_code;
    result["error"] = std::move(fields);
    return line_of(result);
}

std::string status_json(const std::vector<MigrationStatus>& status,
                        const std::vector<RunRecord>& runs,
                        const std::optional<LeaseHolder>& holder, const BrakeRecord& brake)
{
    Json result = document();
    result["migrations"] =
        list_of(status, [](const MigrationStatus& one) { return value_of(one); });
    result["runs"] = list_of(runs, [](const RunRecord& one) { return value_of(one); });
    result["holder"] = holder_or_null(holder);
    result["brake"] = value_of(brake);
    return line_of(result);
}

std::string plans_json(const std::vector<Plan>& plans)
{
    Json result = document();
    result["plans"] = list_of(plans, [](const Plan& one) { return value_of(one); });
    return line_of(result);
}

std::string runs_json(const std::vector<RunRecord>& runs, const BrakeRecord& brake)
{
    Json result = document();
    result["runs"] = list_of(runs, [](const RunRecord& one) { return value_of(one); });
    result["brake"] = value_of(brake);
    return line_of(result);
}

std::string brake_json(const BrakeRecord& brake)
{
    Json result = document();
    result["brake"] = value_of(brake);
    return line_of(result);
}

std::string run_json(const RunRecord& run, const std::vector<RangeRecord>& ranges,
                     const BrakeRecord& brake)
{
    Json result = document();
    result["run"] = value_of(run);
    result["run"]["ranges"] = list_of(ranges, [](const RangeRecord& one) { return value_of(one); });
    result["brake"] = value_of(brake);
    return line_of(result);
}

std::string migration_json(const MigrationRecord& migration,
                           const std::vector<ActionRecord>& actions,
                           const std::optional<UnderWay>& doing)
{
    Json result = document();
    result["migration"] = value_of(migration);
    result["migration"]["actions"] =
        list_of(actions, [](const ActionRecord& one) { return value_of(one); });
    result["runner"] = runner_or_null(doing);
    return line_of(result);
}

std::string under_way_json(const std::optional<UnderWay>& doing)
{
    Json result = document();
    result["runner"] = runner_or_null(doing);
    return line_of(result);
}

std::string verify_json(const std::string& version, const std::vector<VerifyReport>& reports)
{
    Json result = document();
    result["version"] = version;
    result["verifications"] =
        list_of(reports, [](const VerifyReport& one) { return value_of(one); });
    return line_of(result);
}

std::string gate_json(const std::string& version, const GateReport& report)
{
    Json result = document();
    result["version"] = version;
    result["open"] = report.is_open();
    result["conditions"] =
        list_of(report.conditions, [](const GateCondition& one) { return value_of(one); });
    return line_of(result);
}

std::string findings_json(const std::vector<Finding>& findings)
{
    Json result = document();
    result["findings"] = list_of(findings, [](const Finding& finding) {
        return Json{{"level", name_of(finding.severity)},
                    {"check", finding.check},
                    {"found", finding.found},
                    {"harm", finding.harm},
                    {"remedy", finding.remedy}};
    });
    return line_of(result);
}

std::string ledger_json(const std::vector<LedgerEntry>& entries)
{
    std::string lines;
    for (const LedgerEntry& entry : entries) {
        Json result = document();
        result.update(value_of(entry));
        lines += line_of(result);
    }
    return lines;
}

std::string explanation_json(const Explanation& explanation)
{
    Json result = document();
    result["run"] = explanation.run.id;
    result["state"] = name_of(explanation.run.state);
    result["worked_on"] = explanation.is_worked_on;
    result["last_batch_s"] =
        explanation.last_batch ? Json(explanation.last_batch->count()) : Json(nullptr);
    result["reasons"] = list_of(explanation.reasons, [](const Reason& one) {
        return Json{{"what", one.what}, {"since", or_null(one.since)}, {"next", or_null(one.next)}};
    });
    return line_of(result);
}

std::string bad_rows_json(std::int64_t run, const std::vector<BadRow>& rows)
{
    Json result = document();
    result["run"] = run;
    result["bad_rows"] = list_of(rows, [](const BadRow& one) { return value_of(one); });
    return line_of(result);
}

std::string unlock_json(const std::optional<LeaseHolder>& holder)
{
    Json result = document();
    result["broken"] = holder_or_null(holder);
    return line_of(result);
}

std::string result_json(const std::string& command, const std::string& result,
                        const std::string& text)
{
    Json object = document();
    object["event"] = "result";
    object["command"] = command;
    object["result"] = result;
    object["text"] = text;
    return line_of(object);
}

} // namespace sluice
