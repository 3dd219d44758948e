#pragma once
// A directory of a test's own, gone when the test ends. Nobody has it already: a name made of the
// process's number would meet what a killed process with that number left.

#include <filesystem>
#include <string>
#include <string_view>

namespace sluice {

/// Whether $SLUICE_TEST_KEEP asks to keep what tests make; then it says what is kept.
[[nodiscard]] bool is_kept(const std::string& what);

class TemporaryDirectory {
public:
    TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Writes a file below it and returns its path.
    std::string write(const std::string& name, std::string_view text) const;

private:
    std::filesystem::path path_;
};

} // namespace sluice
