#include "sluice/db/mysql/connect.h"

#include "sluice/core/error.h"
#include "sluice/db/error_translation.h"

#include <fmt/core.h>
#include <soci/mysql/soci-mysql.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <set>
#include <utility>

namespace sluice {

namespace {

std::string quoted(std::string_view text)
{
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') {
            result += '\\';
        }
        result += c;
    }
    return result + "'";
}

std::string parameter(const Url& url, const std::string& name)
{
    const auto found = url.parameters.find(name);
    return found == url.parameters.end() ? "" : found->second;
}

/// As on PostgreSQL: a server that is gone without a word is noticed in less than a minute.
void watch_over(int socket)
{
    const auto set = [socket](int level, int name, int value) {
        // A local socket has none of these, and needs none.
        (void)::setsockopt(socket, level, name, &value, sizeof value);
    };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set(IPPROTO_TCP, TCP_KEEPCNT, 3);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, 20'000);
}

/// The client library can be asked for TLS only together with a CA, and would then go on in clear
/// text with a server that has none: what cannot be promised is refused before anything is sent.
void refuse_impossible_tls(const Url& url)
{
    const std::string mode = parameter(url, "ssl-mode");
    const bool has_ca = !parameter(url, "ssl-ca").empty();
    const bool has_files =
        has_ca || !parameter(url, "ssl-cert").empty() || !parameter(url, "ssl-key").empty();
    if (mode == "verify-identity") {
        throw Error(ErrorKind::usage, "ssl-mode \"verify-identity\" is not available",
                    {.hint = "Use ssl-mode=verify-ca&ssl-ca=FILE with a CA that signs only your "
                             "servers."});
    }
    if (mode == "disabled" && has_files) {
        throw Error(ErrorKind::usage, "ssl-mode \"disabled\" contradicts the TLS files in the URL",
                    {.hint = "Leave out ssl-mode, or the files."});
    }
    if ((mode == "required" || mode == "verify-ca" || has_files) && !has_ca) {
        throw Error(ErrorKind::usage, "TLS needs the parameter \"ssl-ca\" in the URL",
                    {.hint = "Add ssl-ca=FILE, the CA that signed the server's certificate "
                             "(/etc/ssl/certs/ca-certificates.crt holds the public ones)."});
    }
}

void check_tls(const Url& url, MYSQL* handle)
{
    const bool wants_tls = !parameter(url, "ssl-ca").empty();
    if (wants_tls && parameter(url, "ssl-mode") != "preferred" &&
        mysql_get_ssl_cipher(handle) == nullptr) {
        throw connection_failure(url, "the server does not speak TLS, and the URL asks for it", 0);
    }
}

long long whole_seconds(std::chrono::milliseconds time)
{
    return std::max<long long>(std::chrono::ceil<std::chrono::seconds>(time).count(), 1);
}

std::set<std::string, std::less<>> words(std::string_view list)
{
    std::set<std::string, std::less<>> result;
    while (!list.empty()) {
        const std::string_view word = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), word.size() + 1));
        result.insert(std::string(word));
    }
    return result;
}

std::optional<double> number(std::string_view text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
}

} // namespace

std::string mysql_connect_string(const Url& url, const SessionOptions& options)
{
    std::string text = "user=" + quoted(url.user) + " password=" + quoted(url.password);
    text += " charset='utf8mb4' local_infile=0 connect_timeout=" +
            std::to_string(whole_seconds(options.connect_timeout));
    if (!url.socket.empty()) {
        text += " unix_socket=" + quoted(url.socket);
    } else if (!url.host.empty()) {
        // To the client library "localhost" means its own socket, whatever the port.
        text +=
            " host=" + quoted(url.host == "localhost" && url.port != 0 ? "127.0.0.1" : url.host);
    }
    text += url.port == 0 ? "" : " port=" + std::to_string(url.port);
    text += url.database.empty() ? "" : " dbname=" + quoted(url.database);
    for (const auto& [name, key] :
         {std::pair{"ssl-ca", "sslca"}, {"ssl-cert", "sslcert"}, {"ssl-key", "sslkey"}}) {
        if (const std::string file = parameter(url, name); !file.empty()) {
            text += " " + std::string(key) + "=" + quoted(file);
        }
    }
    return text;
}

std::unique_ptr<soci::session> connect_mysql(const Url& url, const SessionOptions& options)
{
    static std::once_flag initialized; // mysql_init would do it, but not safely from two threads
    std::call_once(initialized, [] { mysql_library_init(0, nullptr, nullptr); });
    refuse_impossible_tls(url);
    std::unique_ptr<soci::session> session;
    try {
        session = std::make_unique<soci::session>(soci::mysql, mysql_connect_string(url, options));
    } catch (const soci::mysql_soci_error& error) {
        throw connection_failure(url, error.get_error_message(), static_cast<int>(error.err_num_));
    } catch (const soci::soci_error& error) {
        throw connection_failure(url, error.get_error_message(), 0);
    }
    check_tls(url, mysql_handle(*session));
    watch_over(mysql_get_socket(mysql_handle(*session)));
    return session;
}

MYSQL* mysql_handle(soci::session& session)
{
    return static_cast<soci::mysql_session_backend*>(session.get_backend())->conn_;
}

Server parse_mysql_version(std::string_view text)
{
    Server server{.engine = Engine::mysql};
    server.is_mariadb = text.find("MariaDB") != std::string_view::npos;
    const std::string_view number_text = text.substr(0, text.find_first_not_of("0123456789."));
    int parts[3] = {0, 0, 0};
    const char* at = number_text.data();
    const char* const end = at + number_text.size();
    for (int& part : parts) {
        at = std::from_chars(at, end, part).ptr;
        at += at != end ? 1 : 0;
    }
    server.version = parts[0] * 10000 + parts[1] * 100 + parts[2];
    return server;
}

/// In whole seconds, rounded up. 0 is MariaDB's word for not waiting at all.
std::vector<MysqlSetting> mysql_lock_settings(std::optional<std::chrono::milliseconds> timeout,
                                              const Server& server)
{
    constexpr long long a_year = 31'536'000;
    const bool waits = !server.is_mariadb || !timeout || timeout->count() > 0;
    const std::string seconds = std::to_string(!timeout ? a_year
                                               : waits  ? whole_seconds(*timeout)
                                                        : 0);
    return {{"lock_wait_timeout", seconds}, {"innodb_lock_wait_timeout", seconds}};
}

std::vector<MysqlSetting> mysql_settings(const SessionOptions& options, const Server& server)
{
    const std::vector<MysqlSetting> lock = mysql_lock_settings(options.lock_timeout, server);
    const std::string least = server.is_mariadb ? "0" : "1";
    const std::string assignment =
        server.is_mariadb && options.simultaneous_assignments ? ",SIMULTANEOUS_ASSIGNMENT" : "";
    std::vector<MysqlSetting> settings{
        // Strict, so that nothing is cut or rounded in silence; zero dates that are there may be
        // copied; a key of 0 stays 0.
        {"sql_mode", "'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
                     "NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION" +
                         assignment + "'"},
        {"time_zone", "'+00:00'"},
        {"character_set_client", "'utf8mb4'"},
        {"character_set_results", "'utf8mb4'"},
        {"character_set_connection", "'utf8mb4'"},
        {server.is_mariadb ? "tx_isolation" : "transaction_isolation", "'READ-COMMITTED'"},
        lock[0],
        {lock[1].name, options.batch ? least : lock[1].value},
        {"autocommit", "1"},
        {"wait_timeout", "28800"},
        {"foreign_key_checks", "1"},
        {"unique_checks", "1"},
        {"sql_safe_updates", "0"},
        {"sql_select_limit", "18446744073709551615"},
    };
    if (server.is_mariadb) {
        settings.push_back(
            {"max_statement_time",
             fmt::format("{:.3f}", static_cast<double>(options.statement_timeout.count()) / 1000)});
        // A client that is gone without a word must not keep its locks: those of a batch for less
        // long than its successor tries to get them.
        settings.push_back({"idle_transaction_timeout", options.batch ? "5" : "60"});
    } else {
        settings.push_back(
            {"max_execution_time", std::to_string(options.statement_timeout.count())});
    }
    return settings;
}

bool same_setting(std::string_view wanted, std::string_view found)
{
    if (wanted.size() > 1 && wanted.front() == '\'') {
        wanted = wanted.substr(1, wanted.size() - 2);
    }
    const auto a = number(wanted);
    const auto b = number(found);
    return a && b ? *a == *b : words(wanted) == words(found);
}

} // namespace sluice
