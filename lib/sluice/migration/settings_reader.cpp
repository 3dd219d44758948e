#include "sluice/migration/parts.h"

#include <fmt/core.h>

#include <limits>

namespace sluice {

PaceSettings read_pace(const Section& section)
{
    section.accept_only({"batch_rows", "batch_max", "batch_time", "duty", "sleep", "workers"},
                        section.title());
    PaceSettings pace{.batch_rows = section.find_count("batch_rows"),
                      .batch_max = section.find_count("batch_max"),
                      .batch_time = section.find_duration("batch_time"),
                      .duty = section.find_share("duty"),
                      .sleep = section.find_duration("sleep"),
                      .workers = std::nullopt};
    if (const std::optional<std::int64_t> workers = section.find_count("workers")) {
        constexpr std::int64_t most = 1000;
        if (*workers > most) {
            section.fail_at("workers",
                            fmt::format("\"workers\" is {}, expected 1 to {}", *workers, most), {});
        }
        pace.workers = static_cast<int>(*workers);
    }
    if (pace.batch_rows && pace.batch_max && *pace.batch_rows > *pace.batch_max) {
        section.fail_at("batch_rows",
                        fmt::format("\"batch_rows\" is {}, above \"batch_max\", which is {}",
                                    *pace.batch_rows, *pace.batch_max),
                        "`batch_rows` is the first guess, `batch_max` the ceiling.");
    }
    return pace;
}

GateSettings read_gate(const Section& section)
{
    section.accept_only({"soak", "approve", "conditions"}, section.title());
    GateSettings gate;
    if (const auto soak = section.find_duration("soak")) {
        gate.soak = std::chrono::ceil<std::chrono::seconds>(*soak);
    }
    gate.approve = section.find_flag("approve").value_or(false);
    gate.conditions = section.find_sql_list("conditions");
    return gate;
}

} // namespace sluice
