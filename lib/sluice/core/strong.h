#pragma once
// Strong<Tag, T>: a value that cannot be mixed up with another of the same representation.

#include <compare>
#include <utility>

namespace sluice {

template <class Tag, class T> struct Strong {
    T value{};

    friend auto operator<=>(const Strong&, const Strong&) = default;
    friend bool operator==(const Strong&, const Strong&) = default;
};

} // namespace sluice
