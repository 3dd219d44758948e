#include "workspace.h"

#include "sluice/core/error.h"
#include "sluice/core/secrets.h"
#include "sluice/migration/folder.h"
#include "sluice/report/progress.h"
#include "sluice/state/schema.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <mutex>
#include <utility>

namespace sluice {

namespace {

constexpr const char* config_name = "sluice.toml";

Config find_config(const std::string& wanted)
{
    if (!wanted.empty()) {
        return read_config(wanted);
    }
    return std::filesystem::exists(config_name) ? read_config(config_name) : Config{};
}

ProgressStyle progress_style(const CommonOptions& options, const Output& output)
{
    if (options.is_quiet) {
        return ProgressStyle::silent;
    }
    if (options.json) {
        return ProgressStyle::json;
    }
    return output.is_live() && !options.no_progress ? ProgressStyle::live : ProgressStyle::plain;
}

} // namespace

/// Every statement with the purpose of its connection, one line each, never a value.
class Workspace::Tracer {
public:
    explicit Tracer(const std::string& target)
        : file_(target == "-" ? stderr : std::fopen(target.c_str(), "ae"))
    {
        if (file_ == nullptr) {
            throw Error(ErrorKind::usage, fmt::format("cannot write to \"{}\"", target));
        }
    }

    Tracer(const Tracer&) = delete;
    Tracer& operator=(const Tracer&) = delete;

    ~Tracer()
    {
        if (file_ != stderr) {
            std::fclose(file_);
        }
    }

    void write(std::string_view purpose, std::string_view sql)
    {
        const std::string line = fmt::format("{} | {}\n", purpose, sql);
        const std::scoped_lock lock(mutex_);
        std::fwrite(line.data(), 1, line.size(), file_);
        std::fflush(file_);
    }

private:
    std::mutex mutex_;
    std::FILE* file_;
};

Workspace::Workspace(std::string verb, CommonOptions options, std::stop_token stop, Output& output)
    : verb_(std::move(verb)), options_(std::move(options)), stop_(std::move(stop)), output_(output)
{
    // It is kept for good, in the ledger.
    options_.reason = without_passwords(options_.reason);
    if (!options_.trace_sql.empty()) {
        tracer_ = std::make_shared<Tracer>(options_.trace_sql);
    }
}

Workspace::~Workspace() = default;

void Workspace::print(const std::string& text, const std::string& json)
{
    output_.write(options_.json ? json : text);
}

void Workspace::print(const std::function<std::string()>& text,
                      const std::function<std::string()>& json)
{
    output_.write(options_.json ? json() : text());
}

void Workspace::say(const std::string& line)
{
    if (!options_.json && !options_.is_quiet) {
        output_.write(line + "\n");
    }
}

const Settings& Workspace::settings()
{
    if (!settings_.has_value()) {
        settings_ = resolve(find_config(options_.config), options_.wanted);
    }
    return *settings_;
}

const Url& Workspace::url()
{
    const Settings& found = settings();
    if (!found.url.has_value()) {
        throw Error(ErrorKind::usage, "nothing says which database", {.hint = found.missing});
    }
    return *found.url;
}

const std::vector<Migration>& Workspace::migrations()
{
    if (!migrations_.has_value()) {
        migrations_ = read_folder(settings().migrations);
    }
    return *migrations_;
}

void Workspace::use_folder(const std::string& folder)
{
    options_.wanted.migrations = folder;
    settings_.reset();
    migrations_.reset();
}

Connect Workspace::connect()
{
    return [url = url(), tracer = tracer_](SessionOptions options) {
        if (tracer != nullptr) {
            options.before_statement = [tracer](std::string_view purpose, std::string_view sql) {
                tracer->write(purpose, sql);
            };
        }
        return Session(url, std::move(options));
    };
}

Session Workspace::open()
{
    SessionOptions options;
    options.purpose = verb_;
    return connect()(std::move(options));
}

bool Workspace::has_state(Session& session)
{
    return check_state(session).has_value();
}

Listener& Workspace::listener()
{
    if (listener_ == nullptr) {
        listener_ = make_progress(progress_style(options_, output_), output_, clock_);
    }
    return *listener_;
}

Runner Workspace::runner(const RunnerWishes& wishes)
{
    RunnerOptions options;
    options.actor = current_actor();
    options.pace = settings().pace;
    options.throttle = settings().throttle;
    options.single_writer = settings().single_writer;
    options.lock_timeout = settings().lock_timeout.value_or(options.lock_timeout);
    options.reason = options_.reason;
    options.allow_late = wishes.allow_late;
    options.accept_drift = wishes.accept_drift;
    return Runner(connect(), clock_, listener(), stop_, migrations(), std::move(options));
}

} // namespace sluice
