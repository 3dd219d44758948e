#pragma once
// Others beside a change of the schema: one who holds the table with an open transaction, and three
// who read it, update it and insert into it all the time and are timed.

#include "sluice/db/session.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace sluice::bench {

enum class Holding { read, wrote };

/// What they felt between two moments, in milliseconds.
struct LongestWaits {
    double read = 0;
    double update = 0;
    double insert = 0;
};

class Bystanders {
public:
    /// Each on a connection of its own, an operation every few milliseconds.
    explicit Bystanders(const Url& url);
    Bystanders(const Bystanders&) = delete;
    Bystanders& operator=(const Bystanders&) = delete;
    ~Bystanders();

    /// From now on they are at `table`, one of the sample schema. Forgets what they felt so far.
    void begin(const std::string& table);
    /// Waits until what they have under way is over.
    [[nodiscard]] LongestWaits end();

private:
    class One;

    std::vector<std::unique_ptr<One>> all_;
};

class Holder {
public:
    Holder(const Url& url, Holding holding);

    /// Begins a transaction that read or wrote `table`, and keeps it open for so long at most.
    /// False: there is no such table, or it has no key "id".
    [[nodiscard]] bool hold(const std::string& table, std::chrono::milliseconds time);
    void let_go();

private:
    Holding holding_;
    Session session_;
    std::jthread timer_;
};

} // namespace sluice::bench
