#include "sluice/report/output.h"

#include <sys/ioctl.h>

#include <cstdlib>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

bool is_set(const char* variable)
{
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

bool is_dumb()
{
    const char* term = std::getenv("TERM");
    return term == nullptr || *term == '\0' || std::string_view(term) == "dumb";
}

std::string_view escape_of(Ink ink)
{
    switch (ink) {
    case Ink::plain:
        return "";
    case Ink::bold:
        return "\x1b[1m";
    case Ink::faint:
        return "\x1b[2m";
    case Ink::good:
        return "\x1b[32m";
    case Ink::warning:
        return "\x1b[33m";
    case Ink::bad:
        return "\x1b[31m";
    }
    return "";
}

} // namespace

Output::Output(std::FILE* file, std::function<void()> on_closed)
    : file_(file)
    , on_closed_(std::move(on_closed))
    , is_terminal_(::isatty(::fileno(file)) == 1)
    , is_live_(is_terminal_ && !is_dumb())
    , has_colour_(is_live_ && !is_set("NO_COLOR"))
{
}

void Output::write(std::string_view text)
{
    const std::scoped_lock lock(mutex_);
    if (is_closed_ || text.empty()) {
        return;
    }
    const bool written = std::fwrite(text.data(), 1, text.size(), file_) == text.size();
    if (written && std::fflush(file_) == 0) {
        return;
    }
    is_closed_ = true;
    if (on_closed_) {
        on_closed_();
    }
}

int Output::width() const
{
    winsize size{};
    if (::ioctl(::fileno(file_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    return 80;
}

std::string Output::paint(Ink ink, std::string_view text) const
{
    if (!has_colour_ || ink == Ink::plain || text.empty()) {
        return std::string(text);
    }
    return std::string(escape_of(ink)).append(text).append("\x1b[0m");
}

} // namespace sluice
