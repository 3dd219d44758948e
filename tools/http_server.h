#pragma once
// One page over plain HTTP/1.1, for a scraper on the same machine or network: GET /metrics is
// answered, everything else refused. One thread, one request a connection; who is slow to ask or to
// listen is cut off, so that nobody keeps the next one waiting for longer than a second.

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

namespace sluice {

class HttpServer {
public:
    /// Listens on "127.0.0.1:9187", "[::1]:9187", ":9187" (every address); port 0 takes one that is
    /// free. Throws Error{usage} for an address that cannot be listened on.
    explicit HttpServer(const std::string& address);
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    ~HttpServer();

    /// "127.0.0.1:9187", with the port that was taken.
    [[nodiscard]] std::string address() const;

    /// Answers with what `page` returns, until stop is requested. `page` does not throw.
    void serve(const std::function<std::string()>& page, const std::stop_token& stop);

private:
    int socket_ = -1;
};

/// The whole answer to a request of which `head` is the beginning up to its empty line.
[[nodiscard]] std::string http_answer(std::string_view head,
                                      const std::function<std::string()>& page);

} // namespace sluice
