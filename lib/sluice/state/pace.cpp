#include "sluice/state/pace.h"

#include "sluice/core/error.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

namespace sluice {

namespace {

struct PaceColumn {
    std::string_view name;
    long long value;
};

std::array<PaceColumn, 6> columns_of(const Pace& pace)
{
    return {{{"batch_rows", pace.batch_rows},
             {"batch_max", pace.batch_max},
             {"batch_time_ms", pace.batch_time.count()},
             {"sleep_ms", pace.sleep.count()},
             {"duty_permille", std::llround(pace.duty * 1000)},
             {"workers", pace.workers}}};
}

void refuse_outside(std::string_view name, std::int64_t found, std::int64_t least,
                    std::int64_t most)
{
    if (found < least || found > most) {
        throw Error(ErrorKind::usage,
                    fmt::format("{} must be from {} to {}, found {}", name, least, most, found));
    }
}

} // namespace

void check_pace(const Pace& pace)
{
    constexpr std::int64_t most_rows = 100'000;
    constexpr int most_workers = 64;
    refuse_outside("batch_rows", pace.batch_rows, 1, most_rows);
    refuse_outside("batch_max", pace.batch_max, 1, most_rows);
    refuse_outside("workers", pace.workers, 1, most_workers);
    if (pace.batch_rows > pace.batch_max) {
        throw Error(ErrorKind::usage, fmt::format("batch_rows is {}, above batch_max, which is {}",
                                                  pace.batch_rows, pace.batch_max));
    }
    if (pace.batch_time < Milliseconds{1} || pace.batch_time > std::chrono::seconds{30}) {
        throw Error(ErrorKind::usage, fmt::format("batch_time must be from 1ms to 30s, found {}ms",
                                                  pace.batch_time.count()));
    }
    if (pace.sleep < Milliseconds{0} || pace.sleep > std::chrono::hours{1}) {
        throw Error(ErrorKind::usage,
                    fmt::format("sleep must be from 0ms to 1h, found {}ms", pace.sleep.count()));
    }
    if (!(pace.duty >= 0.001 && pace.duty <= 1)) {
        throw Error(ErrorKind::usage,
                    fmt::format("duty must be from 0.001 to 1, found {}", pace.duty));
    }
}

std::string text_of(const Pace& pace)
{
    return fmt::format("batch_rows={} batch_max={} batch_time={}ms sleep={}ms duty={} workers={}",
                       pace.batch_rows, pace.batch_max, pace.batch_time.count(), pace.sleep.count(),
                       pace.duty, pace.workers);
}

Pace pace_from(const Row& row, std::size_t first)
{
    const auto number = [&](std::size_t n) { return std::stoll(row.at(first + n).value()); };
    return {.batch_rows = number(0),
            .batch_max = number(1),
            .batch_time = Milliseconds(number(2)),
            .sleep = Milliseconds(number(3)),
            .duty = static_cast<double>(number(4)) / 1000.0,
            .workers = static_cast<int>(number(5))};
}

void append_pace_values(Sql& sql, const Pace& pace)
{
    std::string_view separator;
    for (const PaceColumn& column : columns_of(pace)) {
        sql << separator;
        sql.bind(column.value);
        separator = ", ";
    }
}

void append_pace_assignments(Sql& sql, const Pace& pace)
{
    std::string_view separator;
    for (const PaceColumn& column : columns_of(pace)) {
        sql << separator << column.name << " = ";
        sql.bind(column.value);
        separator = ", ";
    }
}

} // namespace sluice
