#include "sluice/core/error.h"
#include "sluice/throttle/outside_signals.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

namespace sluice {

namespace {

constexpr std::chrono::seconds longest{5};
constexpr std::chrono::milliseconds glance{20};
constexpr std::size_t most_output = 200;

[[noreturn]] void fail_command(const std::string& why)
{
    throw Error(ErrorKind::refused, why);
}

/// Both ends of a pipe that no other child process gets.
class Pipe {
public:
    Pipe()
    {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0) {
            fail_command(std::strerror(errno));
        }
        // Only our end: a child that is told to try again takes it for an error.
        ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    }

    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    ~Pipe()
    {
        ::close(ends_[0]);
        close_writing();
    }

    [[nodiscard]] int reading() const { return ends_[0]; }

    [[nodiscard]] int writing() const { return ends_[1]; }

    void close_writing()
    {
        if (ends_[1] >= 0) {
            ::close(ends_[1]);
            ends_[1] = -1;
        }
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

/// What a child process is started with: nothing to read, what it says into a pipe, a process group
/// of its own to be ended by, and none of our signals blocked.
class Start {
public:
    explicit Start(int output)
    {
        ::posix_spawn_file_actions_init(&files_);
        ::posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&files_, output, STDERR_FILENO);
        ::posix_spawnattr_init(&settings_);
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&settings_, &none);
        ::posix_spawnattr_setsigdefault(&settings_, &all);
        ::posix_spawnattr_setpgroup(&settings_, 0);
        ::posix_spawnattr_setflags(&settings_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                   POSIX_SPAWN_SETSIGDEF);
    }

    Start(const Start&) = delete;
    Start& operator=(const Start&) = delete;

    ~Start()
    {
        ::posix_spawn_file_actions_destroy(&files_);
        ::posix_spawnattr_destroy(&settings_);
    }

    [[nodiscard]] pid_t shell(std::string command)
    {
        std::string name = "sh";
        std::string option = "-c";
        std::array<char*, 4> arguments{name.data(), option.data(), command.data(), nullptr};
        pid_t pid = 0;
        const int failure =
            ::posix_spawn(&pid, "/bin/sh", &files_, &settings_, arguments.data(), ::environ);
        if (failure != 0) {
            fail_command(std::strerror(failure));
        }
        return pid;
    }

private:
    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t settings_{};
};

void read_some(int from, std::string& output)
{
    std::array<char, 256> buffer{};
    for (;;) {
        const ssize_t count = ::read(from, buffer.data(), buffer.size());
        if (count <= 0) {
            return;
        }
        output.append(buffer.data(), static_cast<std::size_t>(count));
        output.resize(std::min(output.size(), most_output));
    }
}

/// Its first line, as far as it can be shown.
std::string first_line(const std::string& output)
{
    std::string line = output.substr(0, output.find('\n'));
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return line;
}

class Command final : public Signal {
public:
    Command(std::string command, Clock& clock) : command_(std::move(command)), clock_(clock) {}

    [[nodiscard]] Reading read(const std::stop_token& stop) override
    {
        Pipe pipe;
        const pid_t pid = Start(pipe.writing()).shell(command_);
        pipe.close_writing();
        std::string output;
        const std::optional<int> status = wait_for(pid, pipe.reading(), output, stop);
        if (!status) {
            fail_command(fmt::format("it took longer than {} s and was ended", longest.count()));
        }
        return reading_of(*status, first_line(output));
    }

private:
    /// The status that it ended with; nullopt where it had to be ended.
    [[nodiscard]] std::optional<int> wait_for(pid_t pid, int from, std::string& output,
                                              const std::stop_token& stop)
    {
        const SteadyTime deadline = clock_.steady_now() + longest;
        int status = 0;
        while (::waitpid(pid, &status, WNOHANG) == 0) {
            if (stop.stop_requested() || clock_.steady_now() > deadline) {
                ::kill(-pid, SIGKILL);
                ::waitpid(pid, &status, 0);
                return std::nullopt;
            }
            pollfd wanted{.fd = from, .events = POLLIN, .revents = 0};
            ::poll(&wanted, 1, static_cast<int>(glance.count()));
            read_some(from, output);
            if ((wanted.revents & POLLHUP) != 0) {
                ::poll(nullptr, 0, static_cast<int>(glance.count()) / 4);
            }
        }
        read_some(from, output);
        return status;
    }

    [[nodiscard]] static Reading reading_of(int status, const std::string& said)
    {
        constexpr int cannot_run = 126; // and 127: not found
        const std::string tail = said.empty() ? "" : ": " + said;
        if (WIFSIGNALED(status)) {
            fail_command(fmt::format("it was ended by signal {}{}", WTERMSIG(status), tail));
        }
        const int code = WEXITSTATUS(status);
        if (code == cannot_run || code == cannot_run + 1) {
            fail_command(fmt::format("it cannot be run{}", tail));
        }
        return {.value = code == 0 ? 0.0 : 1.0, .text = fmt::format("exits {}{}", code, tail)};
    }

    std::string command_;
    Clock& clock_;
};

} // namespace

std::unique_ptr<Signal> make_command(const std::string& command, Clock& clock)
{
    return std::make_unique<Command>(command, clock);
}

} // namespace sluice
