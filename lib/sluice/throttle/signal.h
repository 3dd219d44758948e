#pragma once
// A source of readings. Reading it changes nothing in the database.

#include <stop_token>
#include <string>

namespace sluice {

struct Reading {
    double value = 0;
    std::string text; ///< what the number alone does not say: "is there", "db2:5432"
};

class Signal {
public:
    Signal() = default;
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;
    virtual ~Signal() = default;

    /// Takes some seconds at most. Throws Error where it cannot be read. Called by one thread.
    [[nodiscard]] virtual Reading read(const std::stop_token& stop) = 0;
};

} // namespace sluice
