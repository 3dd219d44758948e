// What a whole process of the program takes: its time from start to exit, and its peak memory.

#include "measure.h"
#include "scenarios.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <unistd.h>

namespace sluice::bench {

namespace {

constexpr int many = 1000;

struct Process {
    double seconds = 0;
    long peak_kib = 0;
};

/// Runs the program with its output thrown away. Throws unless it exits as it should.
Process run_program(const std::vector<std::string>& arguments, int expected_exit)
{
    std::vector<char*> argv{const_cast<char*>(SLUICE_PROGRAM)};
    for (const std::string& argument : arguments) {
        argv.push_back(const_cast<char*>(argument.c_str()));
    }
    argv.push_back(nullptr);
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    Process process;
    int status = 0;
    rusage usage{};
    process.seconds = seconds_of([&] {
        const pid_t child = ::fork();
        if (child == 0) {
            ::dup2(nowhere, STDOUT_FILENO);
            ::execv(SLUICE_PROGRAM, argv.data());
            ::_exit(127);
        }
        ::wait4(child, &status, 0, &usage);
    });
    ::close(nowhere);
    process.peak_kib = usage.ru_maxrss;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != expected_exit) {
        throw std::runtime_error(
            fmt::format("\"sluice {}\" ended with status {}", arguments.at(0), status));
    }
    return process;
}

/// A folder of its own with migrations that make a table each, and a SQLite database.
class Folder {
public:
    explicit Folder(int migrations) : path_(temporary_path())
    {
        std::filesystem::create_directories(path_ / "migrations");
        for (int n = 1; n <= migrations; ++n) {
            std::ofstream(path_ / "migrations" / fmt::format("2026010100{:04}_t{}.toml", n, n))
                << fmt::format("summary = \"table {0}\"\n[[expand]]\n"
                               "sql = \"CREATE TABLE t{0} (id integer PRIMARY KEY, a text)\"\n"
                               "undo = \"DROP TABLE t{0}\"\n",
                               n);
        }
    }

    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    ~Folder()
    {
        std::error_code ignored; // a folder under /tmp that stays does no harm
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] Process run(const std::string& command) const
    {
        return run_program({command, "--url", "sqlite:" + (path_ / "shop.db").string(),
                            "--migrations", (path_ / "migrations").string()},
                           0);
    }

    void remove_database() const
    {
        for (const char* suffix : {"", "-wal", "-shm"}) {
            std::filesystem::remove(path_ / (std::string("shop.db") + suffix));
        }
    }

private:
    static std::filesystem::path temporary_path()
    {
        std::string name =
            (std::filesystem::temp_directory_path() / "sluice-bench-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no temporary folder");
        }
        return name;
    }

    std::filesystem::path path_;
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
