#include "sluice/core/error.h"
#include "sluice/throttle/outside_signals.h"
#include "sluice/throttle/probe_url.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <unistd.h>

namespace sluice {

namespace {

constexpr std::chrono::seconds longest{2};
constexpr std::chrono::milliseconds glance{50};

[[noreturn]] void fail_probe(const std::string& why)
{
    throw Error(ErrorKind::refused, why);
}

struct FreeAddresses {
    void operator()(addrinfo* addresses) const { ::freeaddrinfo(addresses); }
};

using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses addresses_of(const ProbeUrl& url)
{
    addrinfo wanted = {};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int failure = ::getaddrinfo(url.host.c_str(), url.port.c_str(), &wanted, &found);
    if (failure != 0) {
        fail_probe(fmt::format("\"{}\" has no address: {}", url.host, ::gai_strerror(failure)));
    }
    return Addresses(found);
}

class Socket {
public:
    explicit Socket(int family)
        : number_(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0))
    {
        if (number_ < 0) {
            fail_probe(std::strerror(errno));
        }
    }

    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    ~Socket() { ::close(number_); }

    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

/// How long an exchange may still take.
class Patience {
public:
    Patience(Clock& clock, const std::stop_token& stop)
        : clock_(clock), stop_(stop), deadline_(clock.steady_now() + longest)
    {
    }

    void wait(const Socket& socket, short events) const
    {
        pollfd wanted{.fd = socket.number(), .events = events, .revents = 0};
        while (::poll(&wanted, 1, static_cast<int>(glance.count())) == 0) {
            if (stop_.stop_requested() || clock_.steady_now() > deadline_) {
                fail_probe(fmt::format("no answer within {} s", longest.count()));
            }
        }
    }

private:
    Clock& clock_;
    const std::stop_token& stop_;
    SteadyTime deadline_;
};

void connect(const Socket& socket, const addrinfo& address, const Patience& patience)
{
    if (::connect(socket.number(), address.ai_addr, address.ai_addrlen) == 0) {
        return;
    }
    int failure = errno;
    if (failure == EINPROGRESS) {
        patience.wait(socket, POLLOUT);
        socklen_t size = sizeof failure;
        ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &failure, &size);
    }
    if (failure != 0) {
        fail_probe(std::strerror(failure));
    }
}

void send(const Socket& socket, std::string_view text, const Patience& patience)
{
    while (!text.empty()) {
        patience.wait(socket, POLLOUT);
        const ssize_t count = ::send(socket.number(), text.data(), text.size(), MSG_NOSIGNAL);
        if (count < 0 && errno != EAGAIN) {
            fail_probe(std::strerror(errno));
        }
        text.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
}

/// Up to the end of its first line.
std::string first_line(const Socket& socket, const Patience& patience)
{
    constexpr std::size_t most = 1024;
    std::string line;
    std::array<char, 256> buffer{};
    while (line.find('\n') == std::string::npos && line.size() < most) {
        patience.wait(socket, POLLIN);
        const ssize_t count = ::recv(socket.number(), buffer.data(), buffer.size(), 0);
        if (count == 0 || (count < 0 && errno != EAGAIN)) {
            break;
        }
        line.append(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    return line.substr(0, line.find_first_of("\r\n"));
}

std::string ask(const addrinfo& address, const std::string& request, const Patience& patience)
{
    const Socket socket(address.ai_family);
    connect(socket, address, patience);
    send(socket, request, patience);
    return first_line(socket, patience);
}

/// The first of a name's addresses that answers; what the last one did where none does.
std::string ask_any(const addrinfo* address, const std::string& request, const Patience& patience)
{
    for (;; address = address->ai_next) {
        try {
            return ask(*address, request, patience);
        } catch (const Error&) {
            if (address->ai_next == nullptr) {
                throw;
            }
        }
    }
}

/// The 200 of "HTTP/1.1 200 OK".
int status_in(const std::string& line)
{
    constexpr std::size_t code_at = 9;
    int status = 0;
    if (line.rfind("HTTP/1.", 0) != 0 || line.size() < code_at + 3 ||
        std::from_chars(line.data() + code_at, line.data() + code_at + 3, status).ec !=
            std::errc{}) {
        fail_probe(line.empty() ? "no answer" : "the answer is not HTTP");
    }
    return status;
}

class Probe final : public Signal {
public:
    Probe(const std::string& url, Clock& clock) : url_(parse_probe_url(url)), clock_(clock) {}

    [[nodiscard]] Reading read(const std::stop_token& stop) override
    {
        const Addresses addresses = addresses_of(url_);
        const std::string request =
            fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: sluice\r\nAccept: "
                        "*/*\r\nConnection: close\r\n\r\n",
                        url_.target, url_.authority());
        const int status = status_in(ask_any(addresses.get(), request, Patience(clock_, stop)));
        constexpr int ok = 200;
        return {.value = status == ok ? 0.0 : 1.0, .text = fmt::format("answers {}", status)};
    }

private:
    ProbeUrl url_;
    Clock& clock_;
};

} // namespace

std::unique_ptr<Signal> make_probe(const std::string& url, Clock& clock)
{
    return std::make_unique<Probe>(url, clock);
}

} // namespace sluice
