#include "sluice/report/readable.h"
#include "sluice/report/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

std::string verify_text(const std::string& migration, const std::vector<VerifyReport>& reports,
                        const Output& output)
{
    std::string text;
    for (const VerifyReport& report : reports) {
        if (report.passed()) {
            text += fmt::format("{} {}: {} looked at, all as they should be{}\n",
                                output.paint(Ink::good, "passed"), migration,
                                counted(report.rows, "row"),
                                report.set_aside == 0
                                    ? ""
                                    : fmt::format(" but {} set aside", readable(report.set_aside)));
            continue;
        }
        text += fmt::format("{} {}: {} looked at, {} not as they should be; the first keys:\n",
                            output.paint(Ink::bad, "failed"), migration,
                            counted(report.rows, "row"), readable(report.failures));
        for (const std::string& key : report.failed_keys) {
            text += "    " + key + "\n";
        }
    }
    return text.empty() ? migration + ": nothing to verify\n" : text;
}

std::string gate_text(const std::string& migration, const GateReport& report, const Output& output)
{
    std::string text = fmt::format("the gate of {} is {}\n", migration,
                                   report.is_open() ? output.paint(Ink::good, "open")
                                                    : output.paint(Ink::bad, "closed"));
    std::size_t width = 0;
    for (const GateCondition& condition : report.conditions) {
        width = std::max(width, display_width(condition.name));
    }
    for (const GateCondition& condition : report.conditions) {
        const std::string padding(width - display_width(condition.name), ' ');
        text += fmt::format(
            "  {}  {}{}  {}\n",
            output.paint(condition.holds ? Ink::good : Ink::bad, condition.holds ? "yes" : "no "),
            condition.name, padding, condition.evidence);
        if (!condition.holds && !condition.next.empty()) {
            text += "       next: " + condition.next + "\n";
        }
    }
    return text;
}

std::string findings_text(const std::vector<Finding>& findings, const Output& output)
{
    std::string text;
    for (const Finding& finding : findings) {
        const Ink ink = finding.severity == Severity::problem   ? Ink::bad
                        : finding.severity == Severity::warning ? Ink::warning
                                                                : Ink::bold;
        text += fmt::format("{} {}\n    why: {}\n    do:  {}\n",
                            output.paint(ink, fmt::format("{}:", name_of(finding.severity))),
                            finding.found, finding.harm, finding.remedy);
    }
    return text.empty()
               ? "nothing was found that would hurt a backfill\n"
               : text + counted(static_cast<std::int64_t>(findings.size()), "finding") + "\n";
}

std::string ledger_text(const std::vector<LedgerEntry>& entries)
{
    if (entries.empty()) {
        return "nothing is recorded yet\n";
    }
    std::vector<std::vector<std::string>> rows;
    for (const LedgerEntry& entry : entries) {
        const std::string change = entry.from.empty() && entry.to.empty()
                                       ? ""
                                       : fmt::format("{} -> {}", entry.from, entry.to);
        rows.push_back({readable_time(entry.at), entry.actor + "@" + entry.host, entry.verb,
                        entry.object, change, entry.reason});
    }
    return text_table({{"AT (UTC)"}, {"WHO"}, {"VERB"}, {"OBJECT"}, {"CHANGE"}, {"REASON"}}, rows);
}

std::string explanation_text(const Explanation& explanation, const Output& output)
{
    const RunRecord& run = explanation.run;
    if (explanation.reasons.empty()) {
        return run.state == RunState::done
                   ? fmt::format("run {}: nothing: it is done\n", run.id)
                   : fmt::format("run {}: nothing: it works{}\n", run.id,
                                 explanation.last_batch
                                     ? ", last batch " + readable(*explanation.last_batch) + " ago"
                                     : "");
    }
    std::string text = fmt::format("run {} ({}):\n", run.id, state_of(run));
    for (const Reason& reason : explanation.reasons) {
        text += "  " + output.paint(Ink::warning, reason.what);
        text += reason.since.empty() ? "" : fmt::format(" (since {})", readable_time(reason.since));
        text += reason.next.empty() ? "\n" : fmt::format("\n    next: {}\n", reason.next);
    }
    return text;
}

std::string bad_rows_text(const std::vector<BadRow>& rows)
{
    if (rows.empty()) {
        return "no rows were set aside\n";
    }
    std::vector<std::vector<std::string>> lines;
    for (const BadRow& row : rows) {
        lines.push_back({row.key, std::string(name_of(row.resolution)),
                         fmt::format("{}", row.tries), readable_time(row.at), row.error});
    }
    return text_table({{"KEY"}, {"STATE"}, {"TRIES", Align::right}, {"AT (UTC)"}, {"ERROR"}},
                      lines);
}

std::string holder_text(const LeaseHolder& holder)
{
    return fmt::format("{}@{} (pid {}{}), busy with {}, last seen {}\n", holder.actor.name,
                       holder.actor.host, holder.actor.pid,
                       is_gone(holder.actor) ? ", which is gone" : "", holder.verb,
                       readable_time(holder.heartbeat_at));
}

std::string error_text(const Error& error, const Output& output)
{
    std::string text = output.paint(Ink::bad, "error:") + " " + error.message + "\n";
    if (!error.details.statement.empty()) {
        constexpr std::size_t longest = 400; // --trace-sql shows all of it
        text += "statement: " + shorten(error.details.statement, longest) + "\n";
    }
    if (!error.details.hint.empty()) {
        text += output.paint(Ink::bold, "hint:") + " " + error.details.hint + "\n";
    }
    return text;
}

std::string under_way_text(const std::optional<UnderWay>& doing)
{
    if (!doing) {
        return "";
    }
    std::string text = "runner: " + holder_text(doing->runner);
    if (const auto& statement = doing->statement) {
        text +=
            fmt::format("  its statement, for {}: {}\n",
                        readable(std::chrono::seconds(statement->seconds)), describe(*statement));
        text += statement->waits_for.empty()
                    ? ""
                    : fmt::format("  waits for a lock {}\n", statement->waits_for);
    }
    return text;
}

} // namespace sluice
