#pragma once
// A migration, carried out as the program would.

#include "sluice/migration/migration.h"
#include "sluice/run/runner.h"
#include "subject.h"

#include <string>

namespace sluice::bench {

/// Drops sluice's own tables: no migration has been there.
void forget_sluice(Session& session);

class Change {
public:
    /// `text` is the migration's file. Forgets what earlier ones left.
    Change(const Subject& subject, const std::string& text, const Pace& pace);

    void expand();
    void migrate();
    void contract();
    void purge();
    /// There, verified, contracted and purged.
    void carry_out();

private:
    [[nodiscard]] Runner runner();

    class Silence final : public Listener {
    public:
        void on(const Event& /*event*/) override {}
    };

    Subject subject_;
    std::vector<Migration> migrations_;
    RunnerOptions options_;
    SystemClock clock_;
    Silence silence_;
};

} // namespace sluice::bench
