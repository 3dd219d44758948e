#pragma once
// A process that dies at its n-th statement, and another one that goes on or goes back: the end
// must be what it is when nobody dies. By default a sample of the n, from a random offset;
// SLUICE_TEST_LONG=1 takes every one that leaves something else behind than the one before it:
// after a query nothing has changed.

#include "support/project.h"

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

namespace sluice::test {

/// Counts the statements of one process over all its sessions, and lets none through from the n-th.
class Process {
public:
    Process(Project& project, int dies_at);
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    /// The first word of each.
    [[nodiscard]] const std::vector<std::string>& statements() const { return statements_; }

    [[nodiscard]] bool has_died() const { return has_died_; }

private:
    Project& project_;
    int dies_at_;
    std::atomic<bool> has_died_ = false;
    std::mutex mutex_;
    std::vector<std::string> statements_;
};

constexpr int never = 1'000'000;

/// What is read for comparing.
struct Reading {
    std::string table;
    std::string columns;
};

/// A migration, the rows that are there before it and those that are there after it.
struct Subject {
    std::string migration;
    Reading before;
    Reading after;
    std::size_t sample = 16; ///< of the points
    std::string setup = {};  ///< what else there is
};

/// For the end of a migration's text: many batches of fifty rows, at once.
extern const char* const small_batches;

/// What is there in the end, for comparing.
struct Outcome {
    State state = State::pending;
    std::vector<Table> schema;
    std::vector<std::vector<ShownTable>> versions; ///< what each shows
    std::string rows;
};

[[nodiscard]] Outcome outcome_of(Project& project, const Reading& reading);
void check_same(const Outcome& expected, const Outcome& found);

using Life = void (*)(Project&);

void live_to_the_end(Project& project);
void live_there_and_back(Project& project);
void go_back_to_the_start(Project& project);

void begin(Project& project, const Subject& subject);
[[nodiscard]] std::vector<std::string> statements_of(const Subject& subject, Life life);
/// The n above `after` at which a death is not the same as one at the statement before.
[[nodiscard]] std::vector<int> points_of(const std::vector<std::string>& statements,
                                         std::size_t after);
/// All of them, or about `sample` of them.
[[nodiscard]] std::vector<int> chosen(const std::vector<int>& points, std::size_t sample);
/// True while the n-th statement came within the life.
[[nodiscard]] bool dies_within(Project& project, Life life, int n);

void goes_on_to_the_same_end(const Subject& subject);
void goes_all_the_way_back(const Subject& subject);

} // namespace sluice::test
