#include "support/program.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <array>
#include <fcntl.h>
#include <spawn.h>
#include <stdexcept>
#include <unistd.h>

namespace sluice::test {

namespace {

/// What the program's file descriptors are to be.
class Descriptors {
public:
    Descriptors()
    {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }

    Descriptors(const Descriptors&) = delete;
    Descriptors& operator=(const Descriptors&) = delete;

    ~Descriptors() { posix_spawn_file_actions_destroy(&actions_); }

    void discard_output()
    {
        posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    }

    void send_all_output(int to)
    {
        posix_spawn_file_actions_adddup2(&actions_, to, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, to, STDERR_FILENO);
    }

    [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

pid_t spawn(const std::string& path, const std::vector<std::string>& arguments,
            const Descriptors& descriptors)
{
    std::vector<std::string> words = {path};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    pid_t program = 0;
    if (::posix_spawn(&program, path.c_str(), descriptors.actions(), nullptr, pointers.data(),
                      environ) != 0) {
        throw std::runtime_error("cannot start " + path);
    }
    return program;
}

std::string read_all(int from)
{
    std::string text;
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t count = ::read(from, buffer.data(), buffer.size());
        if (count <= 0) {
            return text;
        }
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

} // namespace

ProgramResult run_program(const std::vector<std::string>& arguments)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("no pipe");
    }
    Descriptors descriptors;
    descriptors.send_all_output(ends[1]);
    const pid_t program = spawn(SLUICE_PROGRAM, arguments, descriptors);
    ::close(ends[1]);
    ProgramResult result;
    result.output = read_all(ends[0]);
    ::close(ends[0]);
    result.exit_code = await_program(program).exit_code;
    return result;
}

pid_t start_program(const std::vector<std::string>& arguments)
{
    return start_executable(SLUICE_PROGRAM, arguments);
}

pid_t start_executable(const std::string& path, const std::vector<std::string>& arguments)
{
    Descriptors descriptors;
    descriptors.discard_output();
    return spawn(path, arguments, descriptors);
}

ProgramEnd await_program(pid_t program)
{
    int status = 0;
    rusage usage{};
    if (::wait4(program, &status, 0, &usage) != program) {
        throw std::runtime_error("there is no such program to wait for");
    }
    return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            .peak_kib = usage.ru_maxrss};
}

} // namespace sluice::test
