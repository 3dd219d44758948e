#include "sluice/core/error.h"
#include "sluice/throttle/outside_signals.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace sluice {

namespace {

class FlagFile final : public Signal {
public:
    explicit FlagFile(std::string path) : path_(std::move(path)) {}

    [[nodiscard]] Reading read(const std::stop_token& /*stop*/) override
    {
        struct stat found = {};
        if (::lstat(path_.c_str(), &found) == 0) {
            return {.value = 1, .text = "is there"};
        }
        if (errno == ENOENT || errno == ENOTDIR) {
            return {.value = 0, .text = "is not there"};
        }
        throw Error(ErrorKind::refused, std::strerror(errno));
    }

private:
    std::string path_;
};

} // namespace

std::unique_ptr<Signal> make_flag_file(const std::string& path)
{
    return std::make_unique<FlagFile>(path);
}

} // namespace sluice
