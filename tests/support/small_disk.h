#pragma once
// A small file system of a test's own, which can be filled to the last byte and freed again.

#include "support/temporary_directory.h"

#include <filesystem>
#include <string>

namespace sluice::test {

class SmallDisk {
public:
    /// In memory. Where this process may not mount one, why_not() says so.
    explicit SmallDisk(int mebibytes);
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk();

    /// Empty where there is a disk.
    [[nodiscard]] const std::string& why_not() const { return why_not_; }

    [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }

    /// Takes the space that is left, but for so much.
    void fill(int mebibytes_left) const;
    /// Gives it back.
    void free() const;

private:
    [[nodiscard]] std::filesystem::path ballast() const { return path() / "ballast"; }

    TemporaryDirectory directory_;
    std::string why_not_;
};

} // namespace sluice::test
