#include "sluice/state/actor.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <pwd.h>
#include <sstream>
#include <unistd.h>

namespace sluice {

namespace {

/// Empty where it cannot be read, as when its process ends meanwhile.
std::string read_text(const std::string& path)
{
    const std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf(); // takes an error for the end, as an iterator over the buffer would not
    return text.str();
}

std::string host_name()
{
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) {
        return "localhost";
    }
    return name.data();
}

std::string login_name()
{
    if (const char* name = std::getenv("SLUICE_ACTOR"); name != nullptr && *name != '\0') {
        return name;
    }
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
        found != nullptr) {
        return found->pw_name;
    }
    return "uid " + std::to_string(::geteuid());
}

/// Two machines, or two containers, may have one name: what is learnt of a process holds only
/// within this boot and this pid namespace.
std::string this_machine()
{
    const std::string boot = read_text("/proc/sys/kernel/random/boot_id").substr(0, 13);
    std::array<char, 64> name{};
    const ssize_t length = ::readlink("/proc/self/ns/pid", name.data(), name.size() - 1);
    if (boot.empty() || length <= 0) {
        return {};
    }
    return boot + ":" + name.data();
}

/// Field 22 of /proc/PID/stat, in clock ticks since boot; empty where there is no such process.
/// The second field is a name in parentheses that may hold anything, so counting starts behind it.
std::string start_ticks(int pid)
{
    const std::string stat = read_text(fmt::format("/proc/{}/stat", pid));
    const std::size_t end_of_name = stat.rfind(')');
    if (end_of_name == std::string::npos) {
        return {};
    }
    std::istringstream fields(stat.substr(end_of_name + 1));
    std::string field;
    constexpr int start_time = 22;
    for (int n = 3; n <= start_time; ++n) {
        fields >> field;
    }
    return field;
}

std::string started_text(int pid)
{
    const std::string machine = this_machine();
    const std::string ticks = start_ticks(pid);
    return machine.empty() || ticks.empty() ? std::string() : machine + ":" + ticks;
}

} // namespace

Actor current_actor()
{
    const int pid = ::getpid();
    return {login_name(), host_name(), pid, started_text(pid)};
}

std::string owner_text(const Actor& actor)
{
    return fmt::format("{}/{}/{}", actor.host, actor.pid, actor.started);
}

Actor owner_from(std::string_view text)
{
    Actor actor;
    const std::size_t second = text.rfind('/');
    const std::size_t first =
        second == std::string_view::npos ? second : text.rfind('/', second - 1);
    if (first == std::string_view::npos || second == 0) {
        actor.host = text;
        return actor;
    }
    actor.host = text.substr(0, first);
    const std::string_view pid = text.substr(first + 1, second - first - 1);
    std::from_chars(pid.data(), pid.data() + pid.size(), actor.pid);
    actor.started = text.substr(second + 1);
    return actor;
}

bool is_gone(const Actor& actor)
{
    const std::string machine = this_machine();
    if (actor.pid <= 0 || machine.empty() || actor.started.rfind(machine + ":", 0) != 0) {
        return false;
    }
    if (::kill(actor.pid, 0) != 0 && errno == ESRCH) {
        return true;
    }
    const std::string now = started_text(actor.pid);
    return !now.empty() && now != actor.started;
}

} // namespace sluice
