#include "watch_view.h"

#include "sluice/report/readable.h"
#include "sluice/report/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace sluice {

namespace {

constexpr std::chrono::minutes short_span{1};
constexpr std::chrono::minutes long_span{15};

std::string rate_text(const std::optional<double>& rate)
{
    return rate ? readable(static_cast<std::int64_t>(*rate)) : "?";
}

std::string time_left(const RunRecord& run, const Rates& rates)
{
    const std::optional<double> rate = rates.over(run.id, long_span);
    const std::int64_t left = run.estimated_rows - run.rows_scanned;
    if (!rate || *rate < 1 || left <= 0 || run.pass > 1 || run.state == RunState::done) {
        return "";
    }
    const auto seconds = static_cast<std::int64_t>(static_cast<double>(left) / *rate);
    return readable(std::chrono::seconds{seconds});
}

std::string rates_line(const RunRecord& run, const Rates& rates)
{
    const std::string left = time_left(run, rates);
    return fmt::format("{:<12}{} rows/s over 1 min, {} over 15 min{}\n", "rate",
                       rate_text(rates.over(run.id, short_span)),
                       rate_text(rates.over(run.id, long_span)),
                       left.empty() ? "" : "; about " + left + " left");
}

/// As throttle/throttle.h writes them into the run.
std::string signals_text(const RunRecord& run)
{
    const auto last = nlohmann::json::parse(run.signals, nullptr, false);
    if (!last.is_object()) {
        return "";
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& signal : last.value("signals", nlohmann::json::array())) {
        rows.push_back({signal.value("signal", ""), signal.value("state", ""),
                        signal.value("reading", ""), signal.value("limit", ""),
                        signal.value("critical", "")});
    }
    return rows.empty() ? ""
                        : "\n" + text_table({{"SIGNAL"},
                                             {"STATE"},
                                             {"READING", Align::right},
                                             {"LIMIT", Align::right},
                                             {"CRITICAL", Align::right}},
                                            rows);
}

} // namespace

void Rates::add(const std::vector<RunRecord>& runs, SteadyTime now)
{
    for (const RunRecord& run : runs) {
        auto& seen = seen_[run.id];
        seen.emplace_back(now, run.rows_scanned);
        while (seen.front().first < now - long_span) {
            seen.pop_front();
        }
    }
}

std::optional<double> Rates::over(std::int64_t run, std::chrono::seconds span) const
{
    const auto found = seen_.find(run);
    if (found == seen_.end() || found->second.size() < 2) {
        return std::nullopt;
    }
    const auto& seen = found->second;
    const SteadyTime from = seen.back().first - span;
    const auto first = std::find_if(seen.begin(), seen.end(),
                                    [from](const auto& one) { return one.first >= from; });
    const std::chrono::duration<double> took = seen.back().first - first->first;
    if (took.count() <= 0) {
        return std::nullopt;
    }
    return static_cast<double>(seen.back().second - first->second) / took.count();
}

std::string list_frame(const ListView& view, const Rates& rates, const Output& output)
{
    std::vector<std::vector<std::string>> rows;
    for (std::size_t n = 0; n < view.runs.size(); ++n) {
        const RunRecord& run = view.runs[n];
        rows.push_back({n == view.selected ? ">" : " ", fmt::format("{}", run.id),
                        display(run.table), state_of(run), progress_of(run),
                        readable(run.rows_scanned), rate_text(rates.over(run.id, short_span)),
                        time_left(run, rates), run.wait_reason});
    }
    return brake_text(view.brake, output) + text_table({{""},
                                                        {"RUN", Align::right},
                                                        {"TABLE"},
                                                        {"STATE"},
                                                        {"DONE", Align::right},
                                                        {"ROWS", Align::right},
                                                        {"ROWS/S", Align::right},
                                                        {"LEFT", Align::right},
                                                        {"WAITS"}},
                                                       rows);
}

std::string run_frame(const RunView& view, const Rates& rates, const Output& output)
{
    const RunRecord& run = view.found.run;
    return brake_text(view.brake, output) + run_text(run, view.found.ranges) +
           rates_line(run, rates) + signals_text(run) + "\n" +
           explanation_text(view.found, output) + "\n" + ledger_text(view.events);
}

} // namespace sluice
