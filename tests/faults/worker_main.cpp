// Works on one run of the counting change (support/faults.h) in a process of its own, which the
// tests kill and stop: fault_worker URL RUN COLUMN. Any number of them share a run.

#include "sluice/backfill/backfill.h"
#include "sluice/core/clock.h"
#include "sluice/core/error.h"
#include "sluice/db/url.h"

#include <iostream>
#include <stop_token>
#include <string>

using namespace sluice;

namespace {

class Deaf final : public Listener {
public:
    void on(const Event& /*event*/) override {}
};

int work_on(const Url& url, std::int64_t run, const std::string& column)
{
    const BackfillWork work{
        .kind = BackfillKind::set,
        .table = {"", "counters"},
        .key = {{.name = "id",
                 .type = {.sql = "bigint", .family = TypeFamily::integer, .bits = 64},
                 .nullable = false}},
        .set = {{column, column + " + 1"}},
        .once = true};
    SystemClock clock;
    Deaf listener;
    const Connect connect = [&url](SessionOptions options) {
        return Session(url, std::move(options));
    };
    const BackfillEnd end = run_backfill(connect, clock, listener, std::stop_token{}, run, work,
                                         {.actor = current_actor()});
    return end == BackfillEnd::done ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        if (argc != 4) {
            throw Error(ErrorKind::usage, "usage: fault_worker URL RUN COLUMN");
        }
        return work_on(parse_url(argv[1]), std::stoll(argv[2]), argv[3]);
    } catch (const std::exception& error) {
        std::cerr << "fault_worker: " << error.what() << '\n';
        return 2;
    }
}
