#include "support/program.h"

#include <sys/wait.h>

#include <array>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>

namespace sluice::test {

namespace {

[[noreturn]] void become_program(const std::vector<std::string>& arguments, int output)
{
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    std::vector<std::string> words = {SLUICE_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    ::execv(SLUICE_PROGRAM, pointers.data());
    ::_exit(127);
}

} // namespace

ProgramResult run_program(const std::vector<std::string>& arguments)
{
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) {
        throw std::runtime_error("no pipe");
    }
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        become_program(arguments, ends[1]);
    }
    ::close(ends[1]);
    ProgramResult result;
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t count = ::read(ends[0], buffer.data(), buffer.size());
        if (count <= 0) {
            break;
        }
        result.output.append(buffer.data(), static_cast<std::size_t>(count));
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

} // namespace sluice::test
