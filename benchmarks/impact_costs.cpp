#include "impact_costs.h"

#include <array>
#include <cctype>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace sluice::bench {

namespace {

struct Process {
    int parent = 0;
    double ticks = 0; ///< its own, and those of children that have ended
};

/// The fields of /proc/PID/stat; the second one, a name in parentheses, may hold anything.
std::optional<Process> read_process(const std::filesystem::path& folder)
{
    std::ifstream in(folder / "stat");
    std::string line;
    std::getline(in, line);
    const std::size_t name_end = line.rfind(')');
    if (name_end == std::string::npos) {
        return std::nullopt; // it has ended meanwhile
    }
    std::istringstream fields(line.substr(name_end + 1));
    std::string skipped;
    Process process;
    fields >> skipped >> process.parent;
    constexpr int between = 9; // up to utime, stime, cutime, cstime
    for (int n = 0; n < between; ++n) {
        fields >> skipped;
    }
    for (int n = 0; n < 4; ++n) {
        double ticks = 0;
        fields >> ticks;
        process.ticks += ticks;
    }
    return process;
}

std::map<int, Process> read_processes()
{
    std::map<int, Process> processes;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename().string();
        if (std::isdigit(static_cast<unsigned char>(name[0])) == 0) {
            continue;
        }
        if (const std::optional<Process> process = read_process(entry.path())) {
            processes.emplace(std::stoi(name), *process);
        }
    }
    return processes;
}

double cpu_seconds(int pid)
{
    const std::map<int, Process> processes = read_processes();
    if (processes.count(pid) == 0) {
        throw std::runtime_error("there is no process " + std::to_string(pid));
    }
    double ticks = 0;
    std::vector<int> family{pid};
    for (std::size_t n = 0; n < family.size(); ++n) {
        ticks += processes.at(family[n]).ticks;
        for (const auto& [child, process] : processes) {
            if (process.parent == family[n]) {
                family.push_back(child);
            }
        }
    }
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double written_by_us()
{
    std::ifstream in("/proc/self/io");
    std::string name;
    double bytes = 0;
    while (in >> name >> bytes) {
        if (name == "wchar:") {
            return bytes;
        }
    }
    return 0;
}

double log_bytes(const Subject& subject)
{
    if (subject.url.engine == Engine::sqlite) {
        return written_by_us();
    }
    Session session(subject.url, {});
    if (subject.url.engine == Engine::postgresql) {
        return std::stod(
            session.query("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")[0][0].value());
    }
    double bytes = 0;
    for (const Row& row : session
                              .query("SHOW GLOBAL STATUS WHERE Variable_name IN "
                                     "('Innodb_os_log_written', 'Binlog_bytes_written')")
                              .rows) {
        bytes += std::stod(row[1].value());
    }
    return bytes;
}

} // namespace

Costs costs_so_far(const Subject& subject, int pid)
{
    const int process = subject.url.engine == Engine::sqlite ? ::getpid() : pid;
    return {.cpu_seconds = process == 0 ? 0 : cpu_seconds(process),
            .log_bytes = log_bytes(subject)};
}

std::optional<double> dead_rows(const Subject& subject)
{
    if (subject.url.engine != Engine::postgresql) {
        return std::nullopt;
    }
    Session session(subject.url, {});
    // A session reports what it did when it ends; one that we closed may take a moment to.
    constexpr int most_tries = 500;
    for (int n = 0; n < most_tries; ++n) {
        const Rows others = session.query(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
            "pg_backend_pid() AND backend_type = 'client backend'");
        if (others.empty()) {
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return std::stod(
        session.query("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'users'")[0][0]
            .value());
}

} // namespace sluice::bench
