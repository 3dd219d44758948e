#pragma once
// Where the program's text goes, and what that place can show. Colour only on a terminal that knows
// it (NO_COLOR and TERM=dumb are obeyed). When the reader at the other end of a pipe has gone
// (`sluice log | head`), writing becomes a no-op and `on_closed` is called once: the program ends
// quietly instead of dying in the middle of a batch.

#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace sluice {

enum class Ink { plain, bold, faint, good, warning, bad };

class Output {
public:
    Output(std::FILE* file, std::function<void()> on_closed);

    /// Writes and flushes. Thread-safe.
    void write(std::string_view text);

    [[nodiscard]] bool is_terminal() const { return is_terminal_; }

    /// Can redraw a line and move the cursor.
    [[nodiscard]] bool is_live() const { return is_live_; }

    /// Columns; 80 where unknown. Asked again each time: windows are resized.
    [[nodiscard]] int width() const;
    [[nodiscard]] std::string paint(Ink ink, std::string_view text) const;

private:
    std::mutex mutex_;
    std::FILE* file_;
    std::function<void()> on_closed_;
    bool is_terminal_ = false;
    bool is_live_ = false;
    bool has_colour_ = false;
    bool is_closed_ = false;
};

} // namespace sluice
