#pragma once
// The prepared statements of one session by their text. Bounded: the one that was not used for the
// longest time makes room. Private to db/.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace sluice {

template <class Handle> class StatementCache {
public:
    static constexpr std::size_t most = 64;

    /// nullptr where the text is not known. Valid until the next put or remove.
    [[nodiscard]] Handle* find(const std::string& text)
    {
        const auto found = entries_.find(text);
        if (found == entries_.end()) {
            return nullptr;
        }
        found->second.used = ++clock_;
        return &found->second.handle;
    }

    /// Returns the handle that had to go, if any.
    std::optional<Handle> put(const std::string& text, Handle handle)
    {
        std::optional<Handle> evicted;
        if (entries_.size() >= most && !entries_.contains(text)) {
            const auto oldest = std::min_element(
                entries_.begin(), entries_.end(),
                [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
            evicted = std::move(oldest->second.handle);
            entries_.erase(oldest);
        }
        entries_.insert_or_assign(text, Entry{std::move(handle), ++clock_});
        return evicted;
    }

    void remove(const std::string& text) { entries_.erase(text); }

    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    struct Entry {
        Handle handle;
        std::uint64_t used = 0;
    };

    std::unordered_map<std::string, Entry> entries_;
    std::uint64_t clock_ = 0;
};

} // namespace sluice
