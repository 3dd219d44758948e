#include "support/other_process.h"

#include <sys/wait.h>

#include <array>
#include <stdexcept>
#include <unistd.h>

namespace sluice::test {

namespace {

[[noreturn]] void hold(const TestDatabase& database, const std::string& sql,
                       const SessionOptions& options, int ready, int end)
{
    {
        Session session = database.open(options);
        session.execute("BEGIN"); // where it only reads, it shall not be a writer
        session.execute(sql);
        char byte = 'r';
        (void)::write(ready, &byte, 1);
        (void)::read(end, &byte, 1);
        session.execute("ROLLBACK");
    }
    ::_exit(0);
}

} // namespace

OtherProcess::OtherProcess(const TestDatabase& database, const std::string& sql,
                           const SessionOptions& options)
{
    std::array<int, 2> ready{};
    std::array<int, 2> end{};
    if (::pipe(ready.data()) != 0 || ::pipe(end.data()) != 0) {
        throw std::runtime_error("no pipe");
    }
    pid_ = ::fork();
    if (pid_ == 0) {
        ::close(end[1]);
        hold(database, sql, options, ready[1], end[0]);
    }
    ::close(ready[1]);
    ::close(end[0]);
    end_ = end[1];
    char is_ready = 0;
    const bool has_begun = pid_ > 0 && ::read(ready[0], &is_ready, 1) == 1;
    ::close(ready[0]);
    if (!has_begun) {
        throw std::runtime_error("the other process did not begin");
    }
}

OtherProcess::~OtherProcess()
{
    ::close(end_);
    ::waitpid(pid_, nullptr, 0);
}

} // namespace sluice::test
