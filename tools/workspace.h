#pragma once
// What a command works with: the settings that were asked for, the migrations, connections, and
// where the results go. Everything is made when it is first needed, so that a command that needs no
// database asks for none.

#include "config.h"
#include "sluice/core/clock.h"
#include "sluice/db/session.h"
#include "sluice/report/output.h"
#include "sluice/run/runner.h"
#include "sluice/state/runs.h"
#include "wishes.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace sluice {

/// The options that every command has.
struct CommonOptions {
    Wanted wanted;
    std::string config;    ///< empty: sluice.toml, if there is one
    std::string trace_sql; ///< empty: off; "-": stderr; else a file
    std::string reason;    ///< for the ledger
    bool json = false;
    bool is_quiet = false;
    bool no_progress = false;
    bool asks_for_help = false;
};

class Workspace {
public:
    Workspace(std::string verb, CommonOptions options, std::stop_token stop, Output& output);
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;
    ~Workspace();

    [[nodiscard]] const CommonOptions& options() const { return options_; }

    [[nodiscard]] const std::stop_token& stop() const { return stop_; }

    [[nodiscard]] Output& output() { return output_; }

    [[nodiscard]] Clock& clock() { return clock_; }

    /// Prints one of the two, as --json asks.
    void print(const std::string& text, const std::string& json);
    /// The same for what takes time to write: only the one that is wanted is made.
    void print(const std::function<std::string()>& text, const std::function<std::string()>& json);
    /// A line for people only.
    void say(const std::string& line);

    [[nodiscard]] const Settings& settings();
    /// Throws Error{usage} where nothing says which database.
    [[nodiscard]] const Url& url();
    [[nodiscard]] const std::vector<Migration>& migrations();
    /// From now on this is the folder of the migrations, and it is read anew.
    void use_folder(const std::string& folder);
    [[nodiscard]] Connect connect();
    [[nodiscard]] Session open();
    /// Has sluice worked in this database? Throws Error{refused} where a newer sluice has.
    [[nodiscard]] bool has_state(Session& session);
    [[nodiscard]] Listener& listener();
    [[nodiscard]] Runner runner(const RunnerWishes& wishes = {});

private:
    class Tracer;

    std::string verb_;
    CommonOptions options_;
    std::stop_token stop_;
    Output& output_;
    SystemClock clock_;
    std::optional<Settings> settings_;
    std::optional<std::vector<Migration>> migrations_;
    std::shared_ptr<Tracer> tracer_;
    std::unique_ptr<Listener> listener_;
};

} // namespace sluice
