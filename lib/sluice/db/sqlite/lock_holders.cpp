#include "sluice/db/engine_lock_holders.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <pwd.h>
#include <sstream>
#include <unistd.h>

// SQLite's locks are locks of the system on bytes of its files, and Linux lists those in
// /proc/locks. The files are not opened here: closing them again would let go of our own locks.

namespace sluice {

namespace {

constexpr std::int64_t write_ahead_log_write = 120; // in the -shm file
constexpr std::int64_t first_reader = 123;          // and four more, in the same file
constexpr std::int64_t last_reader = 127;
constexpr std::int64_t first_of_database = 0x4000'0000; // pending, reserved, shared

/// As /proc/locks names a file, "fe:01:1234"; empty where there is none.
std::string file_id(const std::string& path)
{
    struct stat found = {};
    if (::stat(path.c_str(), &found) != 0) {
        return {};
    }
    return fmt::format("{:02x}:{:02x}:{}", major(found.st_dev), minor(found.st_dev), found.st_ino);
}

struct FileLock {
    std::string type; ///< "READ", "WRITE"
    int pid = 0;
    std::string file;
    std::int64_t begin = 0;
    std::string end; ///< "EOF", or a number
};

/// A line such as "1: POSIX  ADVISORY  WRITE 4711 fe:01:1234 120 120"; one that waits for a lock
/// has "->" as its second word.
FileLock parse_lock(const std::string& line)
{
    std::istringstream words(line);
    std::string number;
    std::string kind;
    std::string strength;
    FileLock lock;
    words >> number >> kind >> strength >> lock.type >> lock.pid >> lock.file >> lock.begin >>
        lock.end;
    return kind == "POSIX" && words ? lock : FileLock{};
}

std::string user_of(int pid)
{
    struct stat found = {};
    if (::stat(fmt::format("/proc/{}", pid).c_str(), &found) != 0) {
        return {};
    }
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* user = nullptr;
    const int failed = ::getpwuid_r(found.st_uid, &entry, buffer.data(), buffer.size(), &user);
    return failed == 0 && user != nullptr ? user->pw_name : fmt::format("uid {}", found.st_uid);
}

std::string program_of(int pid)
{
    std::ifstream in(fmt::format("/proc/{}/comm", pid));
    std::string name;
    std::getline(in, name);
    return name;
}

std::string path_of(Session& session)
{
    const Rows rows = session.query("SELECT file FROM pragma_database_list WHERE name = 'main'");
    return rows.empty() ? "" : rows[0][0].value_or("");
}

LockHolder holder_of(const FileLock& lock)
{
    return {.session = fmt::format("process {}", lock.pid),
            .user = user_of(lock.pid),
            .program = program_of(lock.pid)};
}

} // namespace

std::vector<LockHolder> sqlite_log_readers(Session& session)
{
    const std::string shared_memory = file_id(path_of(session) + "-shm");
    std::vector<LockHolder> readers;
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);) {
        const FileLock lock = parse_lock(line);
        if (lock.type == "READ" && lock.pid > 0 && lock.pid != ::getpid() &&
            lock.file == shared_memory && lock.begin >= first_reader && lock.begin <= last_reader) {
            readers.push_back(holder_of(lock));
        }
    }
    return readers;
}

std::vector<LockHolder> sqlite_lock_holders(Session& session)
{
    const std::string path = path_of(session);
    const std::string database = file_id(path);
    const std::string shared_memory = file_id(path + "-shm");
    std::vector<LockHolder> holders;
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);) {
        const FileLock lock = parse_lock(line);
        const bool is_write = lock.type == "WRITE" && lock.pid > 0 && lock.pid != ::getpid();
        const bool is_of_log = lock.file == shared_memory && lock.begin == write_ahead_log_write;
        const bool is_of_database = lock.file == database && lock.begin >= first_of_database;
        if (is_write && (is_of_log || is_of_database)) {
            holders.push_back(holder_of(lock));
            return holders; // a writer is alone
        }
    }
    return holders;
}

} // namespace sluice
