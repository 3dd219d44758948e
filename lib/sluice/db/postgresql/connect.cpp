#include "sluice/db/postgresql/connect.h"

#include "sluice/db/error_translation.h"

#include <soci/postgresql/soci-postgresql.h>

#include <algorithm>

namespace sluice {

namespace {

std::string encoded(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            result += c;
        } else {
            result += '%';
            result += digits[byte >> 4U];
            result += digits[byte & 15U];
        }
    }
    return result;
}

struct Place {
    std::string host; ///< encoded
    std::string port;
};

/// libpq takes the directory of a socket; its file tells the port: /run/postgresql/.s.PGSQL.5432.
Place place_of(const Url& url)
{
    Place place;
    place.port = url.port == 0 ? "" : std::to_string(url.port);
    if (url.socket.empty()) {
        place.host =
            url.host.find(':') == std::string::npos ? encoded(url.host) : "[" + url.host + "]";
        return place;
    }
    constexpr std::string_view file = "/.s.PGSQL.";
    const std::size_t at = url.socket.rfind(file);
    if (at != std::string::npos) {
        place.port = url.socket.substr(at + file.size());
    }
    place.host = encoded(at == std::string::npos ? url.socket : url.socket.substr(0, at));
    return place;
}

/// libpq prints notices on stderr unless told otherwise; the library never prints.
void drop_notice(void* /*unused*/, const char* /*message*/) {}

/// SOCI puts a sentence of its own before the server's.
std::string server_text(const soci::soci_error& error)
{
    std::string text = error.get_error_message();
    const std::size_t end = text.find('\n');
    if (text.starts_with("Cannot establish connection") && end != std::string::npos) {
        text.erase(0, end + 1);
    }
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

} // namespace

std::string postgresql_connect_string(const Url& url, const SessionOptions& options)
{
    const Place place = place_of(url);
    std::string text = "postgresql://" + encoded(url.user);
    if (!url.password.empty()) {
        text += ":" + encoded(url.password);
    }
    text += "@" + place.host + (place.port.empty() ? "" : ":" + place.port) + "/" +
            encoded(url.database);
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(options.connect_timeout).count();
    // A parameter must follow: SOCI appends a "=" to a URI that has none.
    text += "?connect_timeout=" + std::to_string(std::max<long long>(seconds, 2)) +
            "&application_name=" +
            encoded(options.purpose == "sluice" ? "sluice" : "sluice " + options.purpose) +
            "&client_encoding=UTF8&keepalives_idle=30&keepalives_interval=5&keepalives_count=3"
            "&tcp_user_timeout=20000";
    for (const auto& [name, value] : url.parameters) {
        text += "&" + encoded(name) + "=" + encoded(value);
    }
    return text;
}

std::vector<PostgresqlSetting> postgresql_settings(const SessionOptions& options)
{
    // 0 means "for ever" to PostgreSQL; a session that shall not wait at all waits 1 ms.
    // A batch holds rows while it waits for others: it gives way sooner than the rest, and what it
    // waited does not count as the time that it takes.
    constexpr std::chrono::milliseconds longest_wait_of_batch{100};
    const auto wait = options.batch ? std::min(options.lock_timeout, longest_wait_of_batch)
                                    : options.lock_timeout;
    const auto lock = std::max<long long>(wait.count(), 1);
    std::vector<PostgresqlSetting> settings{
        {"lock_timeout", std::to_string(lock) + "ms"},
        {"statement_timeout", std::to_string(options.statement_timeout.count()) + "ms"},
        {"idle_in_transaction_session_timeout", "60s"},
        {"client_encoding", "UTF8"},
        {"standard_conforming_strings", "on"},
        {"DateStyle", "ISO"},
        {"IntervalStyle", "postgres"},
        {"bytea_output", "hex"},
        {"extra_float_digits", "1"},
        {"default_transaction_isolation", "read committed"},
        // A policy that hides rows must be an error: a backfill would silently leave them out.
        {"row_security", "off"},
    };
    if (options.durability == Durability::relaxed) {
        settings.push_back({"synchronous_commit", "off"});
    }
    if (options.batch) {
        for (const char* name : {"enable_seqscan", "enable_sort", "enable_incremental_sort",
                                 "enable_bitmapscan", "jit"}) {
            settings.push_back({name, "off"});
        }
        settings.push_back({"max_parallel_workers_per_gather", "0"});
    }
    return settings;
}

std::unique_ptr<soci::session> connect_postgresql(const Url& url, const SessionOptions& options)
{
    try {
        auto session = std::make_unique<soci::session>(soci::postgresql,
                                                       postgresql_connect_string(url, options));
        PQsetNoticeProcessor(postgresql_handle(*session), drop_notice, nullptr);
        return session;
    } catch (const soci::soci_error& error) {
        throw connection_failure(url, server_text(error), 0);
    }
}

PGconn* postgresql_handle(soci::session& session)
{
    return static_cast<soci::postgresql_session_backend*>(session.get_backend())->conn_;
}

} // namespace sluice
