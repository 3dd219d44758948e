#include "http_server.h"

#include "sluice/core/error.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <optional>
#include <poll.h>
#include <unistd.h>

namespace sluice {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds patience{1'000}; ///< for one client, in all
constexpr std::chrono::milliseconds between_looks{200};
constexpr std::size_t longest_head = 8'192;

class Connection {
public:
    explicit Connection(int socket) : socket_(socket) {}

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    ~Connection() { ::close(socket_); }

    /// Up to the empty line; nullopt where that does not come.
    [[nodiscard]] std::optional<std::string> read_head() const
    {
        std::string head;
        std::array<char, 1024> part{};
        while (head.find("\r\n\r\n") == std::string::npos &&
               head.find("\n\n") == std::string::npos) {
            if (head.size() > longest_head || !is_ready(POLLIN)) {
                return std::nullopt;
            }
            const ssize_t got = ::recv(socket_, part.data(), part.size(), 0);
            if (got <= 0) {
                return std::nullopt;
            }
            head.append(part.data(), static_cast<std::size_t>(got));
        }
        return head;
    }

    void write(std::string_view text) const
    {
        while (!text.empty() && is_ready(POLLOUT)) {
            const ssize_t sent =
                ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0 && errno != EAGAIN) {
                return;
            }
            text.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
        }
        ::shutdown(socket_, SHUT_WR);
    }

private:
    [[nodiscard]] bool is_ready(short event) const
    {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - SteadyClock::now());
        pollfd wanted{.fd = socket_, .events = event, .revents = 0};
        return left.count() > 0 && ::poll(&wanted, 1, static_cast<int>(left.count())) == 1;
    }

    int socket_;
    SteadyClock::time_point deadline_ = SteadyClock::now() + patience;
};

struct HostAndPort {
    std::string host;
    std::string port;
};

HostAndPort split(const std::string& address)
{
    const std::size_t colon = address.rfind(':');
    if (colon == std::string::npos || colon + 1 == address.size()) {
        throw Error(ErrorKind::usage, fmt::format("\"{}\" is no address to listen on", address),
                    {.hint = "Give host and port: `sluice metrics --listen 127.0.0.1:9187`."});
    }
    std::string host = address.substr(0, colon);
    if (host.size() > 1 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    return {host, address.substr(colon + 1)};
}

[[noreturn]] void refuse(const std::string& address, const char* why)
{
    throw Error(ErrorKind::usage, fmt::format("cannot listen on \"{}\": {}", address, why),
                {.hint = "Give an address of this machine with a free port: `sluice metrics "
                         "--listen 127.0.0.1:9187`."});
}

std::string answer_of(std::string_view status, std::string_view type, const std::string& body)
{
    return fmt::format("HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: "
                       "close\r\n\r\n{}",
                       status, type, body.size(), body);
}

} // namespace

std::string http_answer(std::string_view head, const std::function<std::string()>& page)
{
    constexpr std::string_view plain = "text/plain; charset=utf-8";
    const std::string_view line = head.substr(0, head.find_first_of("\r\n"));
    const std::size_t method_end = line.find(' ');
    const std::size_t path_end = line.find(' ', method_end + 1);
    if (method_end == std::string_view::npos || path_end == std::string_view::npos ||
        line.substr(path_end + 1, 5) != "HTTP/") {
        return answer_of("400 Bad Request", plain, "not understood\n");
    }
    std::string_view path = line.substr(method_end + 1, path_end - method_end - 1);
    path = path.substr(0, path.find('?'));
    if (path != "/metrics") {
        return answer_of("404 Not Found", plain, "there is only /metrics\n");
    }
    if (line.substr(0, method_end) != "GET") {
        return answer_of("405 Method Not Allowed", plain, "only GET\n");
    }
    return answer_of("200 OK", "text/plain; version=0.0.4; charset=utf-8", page());
}

HttpServer::HttpServer(const std::string& address)
{
    const HostAndPort place = split(address);
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const char* host = place.host.empty() ? nullptr : place.host.c_str();
    if (const int failed = ::getaddrinfo(host, place.port.c_str(), &wanted, &found); failed != 0) {
        refuse(address, ::gai_strerror(failed));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
    socket_ = ::socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (socket_ < 0 || ::bind(socket_, found->ai_addr, found->ai_addrlen) != 0 ||
        ::listen(socket_, SOMAXCONN) != 0) {
        const int why = errno;
        ::close(socket_);
        refuse(address, std::strerror(why));
    }
}

HttpServer::~HttpServer()
{
    ::close(socket_);
}

std::string HttpServer::address() const
{
    sockaddr_storage place{};
    socklen_t length = sizeof place;
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    auto* address = reinterpret_cast<sockaddr*>(&place);
    ::getsockname(socket_, address, &length);
    ::getnameinfo(address, length, host.data(), host.size(), port.data(), port.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV);
    const std::string name = host.data();
    return fmt::format("{}:{}", place.ss_family == AF_INET6 ? "[" + name + "]" : name, port.data());
}

void HttpServer::serve(const std::function<std::string()>& page, const std::stop_token& stop)
{
    while (!stop.stop_requested()) {
        pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, static_cast<int>(between_looks.count())) != 1) {
            continue;
        }
        const int client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) {
            continue; // it has gone again
        }
        const Connection connection(client);
        if (const std::optional<std::string> head = connection.read_head()) {
            connection.write(http_answer(*head, page));
        }
    }
}

} // namespace sluice
