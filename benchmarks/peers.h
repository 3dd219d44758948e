#pragma once
// Other people's loops, a script each in benchmarks/peers. A script finds BENCH_URL, BENCH_BATCH
// and BENCH_ROWS in its environment; called with --check it says what it lacks, if anything.

#include "subject.h"

#include <string>
#include <vector>

namespace sluice::bench {

struct Peer {
    std::string name;
    std::string script;
    std::string missing; ///< why it cannot run here; empty: it can
};

[[nodiscard]] std::vector<Peer> find_peers(const Subject& subject);
/// Throws where it fails.
void run_peer(const Subject& subject, const Peer& peer);

} // namespace sluice::bench
