#include "peers.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace sluice::bench {

namespace {

struct Said {
    std::string text; ///< its last line
    int status = 0;
};

Said call(const Subject& subject, const std::string& command)
{
    ::setenv("BENCH_URL", subject.url_text.c_str(), 1);
    ::setenv("BENCH_BATCH", std::to_string(subject.batch_rows).c_str(), 1);
    ::setenv("BENCH_ROWS", std::to_string(subject.rows).c_str(), 1);
    std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "re");
    if (pipe == nullptr) {
        throw std::runtime_error("cannot start " + command);
    }
    Said said;
    std::array<char, 1024> line{};
    while (std::fgets(line.data(), line.size(), pipe) != nullptr) {
        said.text = line.data();
    }
    said.status = ::pclose(pipe);
    said.text.erase(said.text.find_last_not_of('\n') + 1);
    return said;
}

} // namespace

std::vector<Peer> find_peers(const Subject& subject)
{
    std::vector<Peer> peers;
    for (const auto& entry : std::filesystem::directory_iterator(SLUICE_BENCH_PEERS)) {
        if (!entry.is_regular_file()) {
            continue;
        }
        const std::string script = entry.path().string();
        const Said said = call(subject, "'" + script + "' --check");
        const std::string why = said.text.empty() ? "it cannot be started" : said.text;
        peers.push_back({.name = entry.path().stem().string(),
                         .script = script,
                         .missing = said.status == 0 ? "" : why});
    }
    std::sort(peers.begin(), peers.end(),
              [](const Peer& a, const Peer& b) { return a.name < b.name; });
    return peers;
}

void run_peer(const Subject& subject, const Peer& peer)
{
    const Said said = call(subject, "'" + peer.script + "'");
    if (said.status != 0) {
        throw std::runtime_error(peer.name + " failed: " + said.text);
    }
}

} // namespace sluice::bench
