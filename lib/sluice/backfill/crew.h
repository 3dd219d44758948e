#pragma once
// The workers of one process on one run: one on the calling thread, the others on threads of their
// own, each with its own connections. How many there are follows the pace while they work. Private
// to backfill/.

#include "sluice/backfill/backfill.h"
#include "sluice/backfill/milestones.h"
#include "sluice/backfill/walk.h"

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

namespace sluice {

/// What every worker of a process needs.
struct CrewSetting {
    const Connect& connect;
    Clock& clock;
    Listener& listener;
    std::stop_token stop; ///< of the caller
    std::int64_t run = 0;
    const BackfillWork& work;
    const BackfillOptions& options;
};

class Crew {
public:
    explicit Crew(const CrewSetting& setting);
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;
    ~Crew();

    /// Until every range of the pass is closed. Throws what a worker threw, after the others have
    /// left.
    [[nodiscard]] Wish work_pass();

    /// The worker of the calling thread, for what is done by one.
    [[nodiscard]] WorkerConnections& connections() { return first_.connections; }

    [[nodiscard]] Attempts& attempts() { return first_.attempts; }

    [[nodiscard]] Watch& watch() { return first_.watch; }

    [[nodiscard]] Milestones& milestones() { return milestones_; }

    /// Stop was requested, by the caller or because a worker failed.
    [[nodiscard]] const std::stop_token& stop() const { return stop_; }

private:
    /// One worker's place; the first also sees to it that the others are as many as wanted.
    class Place final : public Post {
    public:
        Place(Crew& crew, int number) : crew_(crew), number_(number) {}

        [[nodiscard]] bool heed(const Pace& pace) override;

    private:
        Crew& crew_;
        int number_; ///< from 1
    };

    struct Member {
        Member(Crew& crew, int number);

        WorkerConnections connections;
        Attempts attempts;
        Watch watch;
        Place place;
        Walk walk;
    };

    class Helper;

    void become(const Pace& pace);
    void fail(std::exception_ptr error);
    void dismiss();

    CrewSetting setting_;
    std::stop_source own_stop_;
    std::stop_token stop_;
    std::stop_callback<std::function<void()>> pass_on_stop_;
    Milestones milestones_;
    SharedMonitor monitor_;
    std::atomic<int> wanted_{1};
    bool has_one_writer_ = false; ///< a second worker would only wait for the first
    std::mutex mutex_;
    std::exception_ptr failure_; ///< of a helper; under mutex_
    Member first_;
    std::vector<std::unique_ptr<Helper>> helpers_;
};

} // namespace sluice
