#pragma once
// A network that fails on order: a TCP proxy between sluice and a real server, in a thread of the
// test. It forwards everything until its trap springs: at a chosen request of the clients, before
// or after the server gets it, or while the reply is on its way back, when the work is done and
// nobody hears of it. Only the connection that sprang it suffers.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace sluice::test {

enum class Fault {
    cut,      ///< both sides are closed in order
    reset,    ///< both sides are closed with RST
    stall,    ///< nothing is forwarded for a while, then everything
    half_cut, ///< the client is cut off, and the server hears of it only after a while
};

/// Of the request at which a trap springs.
enum class Moment {
    before_request,
    amid_request, ///< the server gets the first half
    after_request,
    before_reply, ///< the server has answered; the client gets nothing
    amid_reply,   ///< the client gets the first half
};

struct Trap {
    Fault fault = Fault::cut;
    Moment moment = Moment::before_request;
    int requests_before = 0; ///< how many that match pass first
    std::string text;        ///< what a request must hold to match; empty: any matches
    std::chrono::milliseconds duration{100}; ///< of a stall or a half cut
};

class Proxy {
public:
    /// In front of the server of this URL, which has a host and a port.
    explicit Proxy(const std::string& server_url);
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;
    ~Proxy();

    /// The same database by way of the proxy.
    [[nodiscard]] const std::string& url_text() const { return url_text_; }

    /// New connections go to the server of this URL; those that are open stay where they are.
    void lead_to(const std::string& server_url);

    /// Replaces the trap that is set.
    void set(const Trap& trap);
    void disarm();
    [[nodiscard]] bool is_set();
    /// Whether the trap springs within this time.
    [[nodiscard]] bool springs_within(std::chrono::milliseconds time);

private:
    /// One connection of a client, and ours to the server for it; -1: closed.
    struct Link {
        int client = -1;
        int server = -1;
        std::optional<Trap> upon_reply; ///< sprung, but not done before the server answers
        std::optional<std::chrono::steady_clock::time_point> until; ///< end of a stall or half cut
        std::string to_server;                                      ///< held back by a stall
        std::string to_client;
    };

    void serve(const std::stop_token& stop);
    void accept_client();
    void take_request(Link& link);
    void take_reply(Link& link);
    void request(Link& link, const std::string& bytes);
    void reply(Link& link, const std::string& bytes);
    [[nodiscard]] std::optional<Trap> sprung(const std::string& bytes);
    void act(Link& link, const Trap& trap);
    void end_waits();

    std::string url_text_;
    std::atomic<int> server_port_;
    int listener_ = -1;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Trap> trap_; ///< guarded by mutex_
    std::list<Link> links_;    ///< of the thread alone
    std::jthread thread_;
};

} // namespace sluice::test
