#include "support/proxy.h"

#include "sluice/db/url.h"

#include <sys/socket.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sluice::test {

namespace {

using Steady = std::chrono::steady_clock;

sockaddr_in loopback(int port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

int open_socket()
{
    const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0) {
        throw std::runtime_error("no socket");
    }
    return made;
}

void send_at_once(int socket)
{
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/// -1 where the server is not there.
int connect_to(int port)
{
    const int made = open_socket();
    const sockaddr_in address = loopback(port);
    if (::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(made);
        return -1;
    }
    send_at_once(made);
    return made;
}

int listen_anywhere()
{
    const int made = open_socket();
    const sockaddr_in address = loopback(0);
    if (::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(made, 64) != 0) {
        throw std::runtime_error("cannot listen");
    }
    return made;
}

int port_of(int socket)
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

void close_end(int& socket, Fault how)
{
    if (socket < 0) {
        return;
    }
    if (how == Fault::reset) {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    ::close(socket);
    socket = -1;
}

void send_all(int socket, std::string_view bytes)
{
    while (socket >= 0 && !bytes.empty()) {
        const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) {
            return; // the next read tells that the other side is gone
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

/// Empty: the other side is gone.
std::string receive(int socket)
{
    std::array<char, 65536> buffer{};
    const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), 0);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
}

} // namespace

Proxy::Proxy(const std::string& server_url)
    : url_text_(server_url), server_port_(parse_url(server_url).port), listener_(listen_anywhere())
{
    const std::string port = ":" + std::to_string(server_port_) + "/";
    const std::size_t at = url_text_.find(port);
    if (at == std::string::npos) {
        throw std::runtime_error("no port in the URL");
    }
    url_text_.replace(at, port.size(), ":" + std::to_string(port_of(listener_)) + "/");
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

Proxy::~Proxy()
{
    thread_.request_stop();
    thread_.join();
    for (Link& link : links_) {
        close_end(link.client, Fault::cut);
        close_end(link.server, Fault::cut);
    }
    ::close(listener_);
}

void Proxy::lead_to(const std::string& server_url)
{
    server_port_ = parse_url(server_url).port;
}

void Proxy::set(const Trap& trap)
{
    const std::scoped_lock lock(mutex_);
    trap_ = trap;
}

void Proxy::disarm()
{
    const std::scoped_lock lock(mutex_);
    trap_.reset();
}

bool Proxy::is_set()
{
    const std::scoped_lock lock(mutex_);
    return trap_.has_value();
}

bool Proxy::springs_within(std::chrono::milliseconds time)
{
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return !trap_; });
}

void Proxy::serve(const std::stop_token& stop)
{
    while (!stop.stop_requested()) {
        end_waits();
        std::vector<pollfd> ends{{listener_, POLLIN, 0}};
        for (const Link& link : links_) {
            const bool is_stalled = link.until && link.client >= 0;
            ends.push_back({is_stalled ? -1 : link.client, POLLIN, 0});
            ends.push_back({is_stalled || link.until ? -1 : link.server, POLLIN, 0});
        }
        if (::poll(ends.data(), ends.size(), 5) <= 0) {
            continue;
        }
        std::size_t n = 1;
        for (Link& link : links_) {
            if (ends[n++].revents != 0 && link.client >= 0) {
                take_request(link);
            }
            if (ends[n++].revents != 0 && link.server >= 0 && !link.until) {
                take_reply(link);
            }
        }
        links_.remove_if([](const Link& link) { return link.client < 0 && link.server < 0; });
        if (ends[0].revents != 0) {
            accept_client();
        }
    }
}

void Proxy::accept_client()
{
    Link link;
    link.client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (link.client < 0) {
        return;
    }
    send_at_once(link.client);
    link.server = connect_to(server_port_);
    if (link.server < 0) {
        close_end(link.client, Fault::reset);
        return;
    }
    links_.push_back(std::move(link));
}

void Proxy::take_request(Link& link)
{
    const std::string bytes = receive(link.client);
    if (bytes.empty()) {
        close_end(link.client, Fault::cut);
        close_end(link.server, Fault::cut);
        return;
    }
    request(link, bytes);
}

void Proxy::take_reply(Link& link)
{
    const std::string bytes = receive(link.server);
    if (bytes.empty()) {
        close_end(link.client, Fault::cut);
        close_end(link.server, Fault::cut);
        return;
    }
    reply(link, bytes);
}

void Proxy::request(Link& link, const std::string& bytes)
{
    const std::optional<Trap> trap = sprung(bytes);
    const bool is_later = trap && trap->moment >= Moment::after_request;
    const std::size_t before = !trap || is_later                      ? bytes.size()
                               : trap->moment == Moment::amid_request ? bytes.size() / 2
                                                                      : 0;
    send_all(link.server, std::string_view(bytes).substr(0, before));
    if (!trap) {
        return;
    }
    if (trap->moment >= Moment::before_reply) {
        link.upon_reply = trap;
        return;
    }
    link.to_server = bytes.substr(before);
    act(link, *trap);
}

void Proxy::reply(Link& link, const std::string& bytes)
{
    if (!link.upon_reply) {
        send_all(link.client, bytes);
        return;
    }
    const Trap trap = *link.upon_reply;
    link.upon_reply.reset();
    const std::size_t before = trap.moment == Moment::amid_reply ? bytes.size() / 2 : 0;
    send_all(link.client, std::string_view(bytes).substr(0, before));
    link.to_client = bytes.substr(before);
    act(link, trap);
}

/// The trap, if this request springs it.
std::optional<Trap> Proxy::sprung(const std::string& bytes)
{
    const std::scoped_lock lock(mutex_);
    if (!trap_ || bytes.find(trap_->text) == std::string::npos || trap_->requests_before-- > 0) {
        return std::nullopt;
    }
    const std::optional<Trap> found = trap_;
    trap_.reset();
    changed_.notify_all();
    return found;
}

void Proxy::act(Link& link, const Trap& trap)
{
    switch (trap.fault) {
    case Fault::cut:
    case Fault::reset:
        close_end(link.client, trap.fault);
        close_end(link.server, trap.fault);
        return;
    case Fault::half_cut:
        close_end(link.client, Fault::reset);
        link.until = Steady::now() + trap.duration;
        return;
    case Fault::stall:
        link.until = Steady::now() + trap.duration;
        return;
    }
}

void Proxy::end_waits()
{
    for (Link& link : links_) {
        if (!link.until || Steady::now() < *link.until) {
            continue;
        }
        link.until.reset();
        if (link.client < 0) {
            close_end(link.server, Fault::reset);
            continue;
        }
        send_all(link.server, std::exchange(link.to_server, {}));
        send_all(link.client, std::exchange(link.to_client, {}));
    }
    links_.remove_if([](const Link& link) { return link.client < 0 && link.server < 0; });
}

} // namespace sluice::test
