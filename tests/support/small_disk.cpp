#include "support/small_disk.h"

#include <sys/mount.h>

#include <cstdint>
#include <fcntl.h>
#include <stdexcept>
#include <system_error>
#include <unistd.h>

namespace sluice::test {

namespace {

constexpr std::uintmax_t mebibyte = 1024 * 1024;

std::string error_text(int code)
{
    return std::error_code(code, std::generic_category()).message();
}

} // namespace

SmallDisk::SmallDisk(int mebibytes)
{
    const std::string options = "mode=0755,size=" + std::to_string(mebibytes) + "m";
    if (mount("tmpfs", path().c_str(), "tmpfs", 0, options.c_str()) != 0) {
        why_not_ = "no file system can be mounted here: " + error_text(errno);
    }
}

SmallDisk::~SmallDisk()
{
    if (why_not_.empty()) {
        umount2(path().c_str(), MNT_DETACH);
    }
}

void SmallDisk::fill(int mebibytes_left) const
{
    const std::uintmax_t available = std::filesystem::space(path()).available;
    const std::uintmax_t left = static_cast<std::uintmax_t>(mebibytes_left) * mebibyte;
    if (available <= left) {
        return;
    }
    const int file = open(ballast().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    const int code = posix_fallocate(file, 0, static_cast<off_t>(available - left));
    close(file);
    if (code != 0) {
        throw std::runtime_error("the small disk cannot be filled: " + error_text(code));
    }
}

void SmallDisk::free() const
{
    std::filesystem::remove(ballast());
}

} // namespace sluice::test
