#pragma once
// The whole terminal for a while: its alternate screen, and its keys one by one. It is put back as
// it was on every way out, those by a signal included.

#include "sluice/core/clock.h"
#include "sluice/report/output.h"

#include <optional>
#include <string>
#include <termios.h>

namespace sluice {

/// Puts the terminal back where a FullScreen has it; may be called from a signal handler.
void restore_terminal();

/// Keys that are no character.
namespace key {
inline constexpr char enter = '\n';
inline constexpr char up = '\x01';
inline constexpr char down = '\x02';
inline constexpr char interrupt = '\x03';
inline constexpr char escape = '\x1b';
} // namespace key

/// One at a time in a process.
class FullScreen {
public:
    explicit FullScreen(Output& output);
    FullScreen(const FullScreen&) = delete;
    FullScreen& operator=(const FullScreen&) = delete;
    ~FullScreen();

    /// Shows `text` from the top, and `footer` in the last line; cut to the size that the terminal
    /// has now.
    void draw(const std::string& text, const std::string& footer);

    /// The next key, or nullopt after `wait`, or sooner when a signal came.
    [[nodiscard]] std::optional<char> read_key(Milliseconds wait);

    /// Has the size changed since it was last drawn?
    [[nodiscard]] bool is_resized() const;

private:
    Output& output_;
    bool has_keys_ = false; ///< standard input is a terminal, and has not ended
    int drawn_width_ = 0;
    int drawn_height_ = 0;
};

} // namespace sluice
