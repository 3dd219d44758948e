#pragma once
// A tiny HTTP server on a loopback port of its own: it gives its answers in their order, one a
// connection, and keeps what it was asked.

#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sluice::test {

class HttpAnswers {
public:
    /// An answer that never comes: the connection stays open until the server ends.
    static inline const std::string silence = "(silence)";

    explicit HttpAnswers(std::vector<std::string> answers);
    HttpAnswers(const HttpAnswers&) = delete;
    HttpAnswers& operator=(const HttpAnswers&) = delete;
    ~HttpAnswers();

    [[nodiscard]] std::string url() const; ///< "http://127.0.0.1:PORT"
    [[nodiscard]] std::vector<std::string> requests() const;

private:
    void serve();
    void answer(int connection, const std::string& text);

    std::vector<std::string> answers_;
    int listener_ = -1;
    int port_ = 0;
    std::vector<int> open_; ///< only the thread uses it
    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    std::thread thread_;
};

} // namespace sluice::test
