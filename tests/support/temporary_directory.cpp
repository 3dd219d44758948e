#include "support/temporary_directory.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <system_error>

namespace sluice {

bool is_kept(const std::string& what)
{
    if (std::getenv("SLUICE_TEST_KEEP") == nullptr) {
        return false;
    }
    std::cerr << "kept " << what << '\n';
    return true;
}

TemporaryDirectory::TemporaryDirectory()
{
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("cannot make a temporary directory");
    }
    path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory()
{
    if (is_kept("directory " + path_.string())) {
        return;
    }
    std::error_code ignored; // a directory under /tmp that stays does no harm
    std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryDirectory::write(const std::string& name, std::string_view text) const
{
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream stream(file, std::ios::binary);
    stream << text;
    if (!stream.flush()) {
        throw std::runtime_error("cannot write " + file.string());
    }
    return file.string();
}

} // namespace sluice
