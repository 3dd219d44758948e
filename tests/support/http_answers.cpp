#include "support/http_answers.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace sluice::test {

HttpAnswers::HttpAnswers(std::vector<std::string> answers) : answers_(std::move(answers))
{
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* place = reinterpret_cast<sockaddr*>(&address);
    if (listener_ < 0 || ::bind(listener_, place, size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, place, &size) != 0) {
        throw std::runtime_error("no port to listen on");
    }
    port_ = ::ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

HttpAnswers::~HttpAnswers()
{
    ::shutdown(listener_, SHUT_RDWR); // wakes accept
    thread_.join();
    ::close(listener_);
}

std::string HttpAnswers::url() const
{
    return "http://127.0.0.1:" + std::to_string(port_);
}

std::vector<std::string> HttpAnswers::requests() const
{
    const std::scoped_lock lock(mutex_);
    return requests_;
}

void HttpAnswers::serve()
{
    for (std::size_t n = 0;;) {
        const int connection = ::accept(listener_, nullptr, nullptr);
        if (connection < 0) {
            break;
        }
        if (n < answers_.size()) {
            answer(connection, answers_[n++]);
        } else {
            ::close(connection);
        }
    }
    for (const int connection : open_) {
        ::close(connection);
    }
}

void HttpAnswers::answer(int connection, const std::string& text)
{
    std::string request;
    std::array<char, 1024> buffer{};
    while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t count = ::recv(connection, buffer.data(), buffer.size(), 0);
        if (count <= 0) {
            break;
        }
        request.append(buffer.data(), static_cast<std::size_t>(count));
    }
    {
        const std::scoped_lock lock(mutex_);
        requests_.push_back(request);
    }
    if (text == silence) {
        open_.push_back(connection);
        return;
    }
    (void)::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    ::close(connection);
}

} // namespace sluice::test
