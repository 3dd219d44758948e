#include "commands/commands.h"
#include "exit_code.h"
#include "http_server.h"
#include "outcome.h"
#include "sluice/core/error.h"
#include "sluice/report/json.h"
#include "sluice/report/prometheus.h"
#include "workspace.h"

#include <fmt/format.h>

#include <memory>
#include <string>

namespace sluice {

namespace {

struct Options {
    std::string listen; ///< empty: print once
};

Snapshot read(Workspace& workspace)
{
    // A scraper gives up after ten seconds.
    Session session = workspace.connect()({.purpose = "metrics",
                                           .statement_timeout = std::chrono::milliseconds{5'000},
                                           .connect_timeout = std::chrono::milliseconds{3'000}});
    return read_snapshot(session);
}

/// Each scrape reads anew on a connection of its own: a server that was away is found again, and
/// nothing is held between two scrapes.
class Page {
public:
    explicit Page(Workspace& workspace) : workspace_(workspace) {}

    [[nodiscard]] std::string text()
    {
        try {
            std::string text = prometheus_text(read(workspace_));
            tell("");
            return text;
        } catch (const std::exception& error) {
            tell(error.what());
            return prometheus_down();
        }
    }

private:
    /// Once, not with every scrape.
    void tell(const std::string& trouble)
    {
        if (trouble != trouble_) {
            workspace_.say(trouble.empty() ? "the database can be read again"
                                           : "the database cannot be read: " + trouble);
            trouble_ = trouble;
        }
    }

    Workspace& workspace_;
    std::string trouble_;
};

int run(const Options& options, Workspace& workspace)
{
    (void)workspace.url();
    if (options.listen.empty()) {
        const std::string text = prometheus_text(read(workspace));
        workspace.print(text, result_json("metrics", "done", text));
        return exit_code::done;
    }
    HttpServer server(options.listen);
    const std::string where = fmt::format("http://{}/metrics", server.address());
    workspace.print("listening on " + where + "\n", result_json("metrics", "listening", where));
    Page page(workspace);
    server.serve([&page] { return page.text(); }, workspace.stop());
    return exit_code::done;
}

} // namespace

Command metrics_command()
{
    return {.name = "metrics",
            .group = CommandGroup::on_call,
            .interrupt = Interrupt::after_batch,
            .summary = "every backfill as Prometheus reads it, printed or served",
            .details =
                "With --listen: GET /metrics is answered until Ctrl-C, and each scrape reads "
                "the database anew;\nwhere it cannot be read, sluice_up is 0. Changes "
                "nothing.",
            .examples = {"sluice metrics", "sluice metrics --listen 127.0.0.1:9187"},
            .exit_codes = exit_codes_of_asking("printed, or served until Ctrl-C"),
            .define = [](CLI::App& app) -> Run {
                const auto options = std::make_shared<Options>();
                app.add_option("--listen", options->listen, "serve over HTTP on this address")
                    ->type_name("HOST:PORT");
                return [options](Workspace& workspace) { return run(*options, workspace); };
            }};
}

} // namespace sluice
