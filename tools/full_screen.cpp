#include "full_screen.h"

#include "sluice/report/readable.h"

#include <fmt/format.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <poll.h>
#include <string_view>
#include <unistd.h>

namespace sluice {

namespace {

/// What a signal handler needs to put the terminal back; nothing else may be read there.
struct Saved {
    std::atomic<bool> is_active{false};
    bool has_modes = false; ///< standard input is a terminal
    termios modes{};
};

Saved saved;

constexpr std::array<int, 6> deadly{SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

void restore_and_die(int signal)
{
    restore_terminal();
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

int height()
{
    winsize size{};
    constexpr int usual = 24;
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : usual;
}

/// Without echo, without waiting for the end of a line, and Ctrl-C as a key.
void take_keys()
{
    saved.has_modes = ::tcgetattr(STDIN_FILENO, &saved.modes) == 0;
    if (!saved.has_modes) {
        return;
    }
    termios raw = saved.modes;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

/// The arrows come as three bytes.
char decode(std::string_view bytes)
{
    if (bytes == "\x1b[A" || bytes == "\x1bOA") {
        return key::up;
    }
    if (bytes == "\x1b[B" || bytes == "\x1bOB") {
        return key::down;
    }
    return bytes[0] == '\r' ? key::enter : bytes[0];
}

} // namespace

void restore_terminal()
{
    if (!saved.is_active.exchange(false)) {
        return;
    }
    constexpr std::string_view back = "\x1b[?7h\x1b[?25h\x1b[?1049l";
    [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, back.data(), back.size());
    if (saved.has_modes) {
        ::tcsetattr(STDIN_FILENO, TCSANOW, &saved.modes);
    }
}

FullScreen::FullScreen(Output& output) : output_(output)
{
    take_keys();
    has_keys_ = saved.has_modes;
    saved.is_active = true;
    for (const int signal : deadly) {
        ::signal(signal, restore_and_die);
    }
    // Without wrapping: a line with wide characters, or one drawn as the window shrinks, is cut
    // off.
    output_.write("\x1b[?1049h\x1b[?25l\x1b[?7l");
}

FullScreen::~FullScreen()
{
    restore_terminal();
    for (const int signal : deadly) {
        ::signal(signal, SIG_DFL);
    }
}

void FullScreen::draw(const std::string& text, const std::string& footer)
{
    drawn_width_ = output_.width();
    drawn_height_ = height();
    const auto width = static_cast<std::size_t>(std::max(drawn_width_ - 1, 1));
    std::string frame = "\x1b[H";
    std::size_t begin = 0;
    for (int line = 1; line < drawn_height_; ++line) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (begin < text.size()) {
            frame += shorten(std::string_view(text).substr(begin, end - begin), width);
        }
        frame += "\x1b[0m\x1b[K\r\n"; // a colour may have been cut off with the line's end
        begin = std::min(end + 1, text.size());
    }
    output_.write(frame + shorten(footer, width) + "\x1b[K");
}

std::optional<char> FullScreen::read_key(Milliseconds wait)
{
    pollfd input{.fd = has_keys_ ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0};
    if (::poll(&input, 1, static_cast<int>(wait.count())) <= 0) {
        return std::nullopt;
    }
    std::array<char, 3> bytes{};
    const auto count = ::read(STDIN_FILENO, bytes.data(), 1);
    if (count <= 0) {
        has_keys_ = false; // nobody types any more; it goes on showing
        return std::nullopt;
    }
    std::size_t length = 1;
    if (bytes[0] == key::escape && ::poll(&input, 1, 20) > 0) {
        const auto more = ::read(STDIN_FILENO, bytes.data() + 1, 2);
        length += more > 0 ? static_cast<std::size_t>(more) : 0;
    }
    return decode(std::string_view(bytes.data(), length));
}

bool FullScreen::is_resized() const
{
    return drawn_width_ != output_.width() || drawn_height_ != height();
}

} // namespace sluice
