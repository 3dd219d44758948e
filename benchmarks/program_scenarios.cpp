// What a whole process of the program takes: its time from start to exit, and its peak memory.

#include "measure.h"
#include "scenarios.h"
#include "support/program.h"
#include "support/temporary_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace sluice::bench {

namespace {

constexpr int many = 1000;

struct Process {
    double seconds = 0;
    long peak_kib = 0;
};

/// Runs the program with its output thrown away. Throws unless it succeeds.
Process run_program(const std::vector<std::string>& arguments)
{
    Process process;
    test::ProgramEnd end;
    process.seconds =
        seconds_of([&] { end = test::await_program(test::start_program(arguments)); });
    process.peak_kib = end.peak_kib;
    if (end.exit_code != 0) {
        throw std::runtime_error(
            fmt::format("\"sluice {}\" ended with code {}", arguments.at(0), end.exit_code));
    }
    return process;
}

/// A folder of its own with migrations that make a table each, and a SQLite database.
class Folder {
public:
    explicit Folder(int migrations)
    {
        for (int n = 1; n <= migrations; ++n) {
            directory_.write(
                fmt::format("migrations/2026010100{:04}_t{}.toml", n, n),
                fmt::format("summary = \"table {0}\"\n[[expand]]\n"
                            "sql = \"CREATE TABLE t{0} (id integer PRIMARY KEY, a text)\"\n"
                            "undo = \"DROP TABLE t{0}\"\n",
                            n));
        }
    }

    [[nodiscard]] Process run(const std::string& command) const
    {
        return run_program({command, "--url", "sqlite:" + (path() / "shop.db").string(),
                            "--migrations", (path() / "migrations").string()});
    }

    void remove_database() const
    {
        for (const char* suffix : {"", "-wal", "-shm"}) {
            std::filesystem::remove(path() / (std::string("shop.db") + suffix));
        }
    }

private:
    [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }

    TemporaryDirectory directory_;
};

std::string row_of(const std::string& name, const std::vector<double>& seconds, long peak_kib)
{
    return fmt::format("| {} | {:.3f} | {:.3f} | {} |\n", name, median(seconds),
                       *std::min_element(seconds.begin(), seconds.end()), peak_kib);
}

void thousand(const Options& options)
{
    fmt::print("{} trivial migrations on SQLite: {}\n\n| command | median s | best s | peak KiB |\n"
               "|---|---|---|---|\n",
               many, environment());
    const Folder folder(many);
    for (const char* command : {"apply", "status"}) {
        std::vector<double> seconds;
        long peak = 0;
        for (int n = 0; n < options.rounds; ++n) {
            if (std::string(command) == "apply") {
                folder.remove_database();
            }
            const Process process = folder.run(command);
            seconds.push_back(process.seconds);
            peak = std::max(peak, process.peak_kib);
        }
        fmt::print("{}", row_of(command, seconds, peak));
    }
}

} // namespace

std::vector<Scenario> program_scenarios()
{
    return {{"thousand", "the program applies a thousand migrations, and tells their status",
             thousand}};
}

} // namespace sluice::bench
