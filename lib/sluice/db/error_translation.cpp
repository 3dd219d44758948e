#include "sluice/db/error_translation.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice {

namespace {

struct SqlstateCause {
    std::string_view prefix; ///< of the SQLSTATE: whole codes before their classes
    Cause cause;
};

constexpr std::array sqlstate_causes{
    SqlstateCause{"40P01", Cause::deadlock},       SqlstateCause{"40001", Cause::serialization},
    SqlstateCause{"55P03", Cause::lock_timeout},   SqlstateCause{"57014", Cause::cancelled},
    SqlstateCause{"57P0", Cause::connection_lost}, SqlstateCause{"25P03", Cause::connection_lost},
    SqlstateCause{"08", Cause::connection_lost},   SqlstateCause{"25006", Cause::read_only},
    SqlstateCause{"53100", Cause::out_of_space},   SqlstateCause{"42501", Cause::permission},
    SqlstateCause{"28", Cause::permission},        SqlstateCause{"23", Cause::constraint},
    SqlstateCause{"22", Cause::constraint},        SqlstateCause{"P0", Cause::constraint},
    SqlstateCause{"21000", Cause::constraint},     SqlstateCause{"44000", Cause::constraint},
    SqlstateCause{"45", Cause::constraint},        SqlstateCause{"54000", Cause::constraint},
    SqlstateCause{"42P01", Cause::unknown_object}, SqlstateCause{"42P02", Cause::unknown_object},
    SqlstateCause{"42703", Cause::unknown_object}, SqlstateCause{"42704", Cause::unknown_object},
    SqlstateCause{"42883", Cause::unknown_object}, SqlstateCause{"3F000", Cause::unknown_object},
    SqlstateCause{"3D000", Cause::unknown_object}, SqlstateCause{"42601", Cause::syntax},
};

struct CodesOfCause {
    Cause cause;
    std::array<int, 16> codes; ///< the rest is 0
};

constexpr std::array mysql_causes{
    CodesOfCause{Cause::deadlock, {1213}}, // on Galera a lost certification too, at COMMIT
    CodesOfCause{Cause::serialization, {1020}},
    CodesOfCause{Cause::lock_timeout, {1205, 3572}},      // 3572: NOWAIT on MySQL
    CodesOfCause{Cause::statement_timeout, {1969, 3024}}, // MariaDB, MySQL
    CodesOfCause{Cause::cancelled, {1317}},
    // 1053, 1077: shutting down; 1927: killed; 4031: idle for too long
    CodesOfCause{Cause::connection_lost, {1053, 1077, 1927, 2002, 2003, 2006, 2013, 2055, 4031}},
    // --read-only, a read-only transaction, read-only mode, InnoDB read-only
    CodesOfCause{Cause::read_only, {1290, 1792, 1836, 1874}},
    CodesOfCause{Cause::out_of_space, {1021, 1114, 3675}},
    // 1095: not the owner of the connection to be ended
    CodesOfCause{Cause::permission, {1044, 1045, 1095, 1142, 1143, 1227, 1251, 1370, 1410, 1698}},
    // 3819, 4025: CHECK on MySQL and on MariaDB
    CodesOfCause{Cause::constraint,
                 {1022, 1048, 1062, 1138, 1169, 1216, 1217, 1364, 1451, 1452, 1557, 1586, 1761,
                  1762, 3819, 4025}},
    // out of range, too long, not a number, not a date, no such character, a division by zero, a
    // subquery of several rows, a view's CHECK OPTION
    CodesOfCause{Cause::constraint,
                 {1242, 1264, 1265, 1292, 1300, 1365, 1366, 1367, 1369, 1406, 1411, 1416, 1690}},
    // the row is too long; SIGNAL; a cast (MariaDB: 1916, 1918, 1977, 4038; MySQL: 3140, 3141,
    // 3854)
    CodesOfCause{Cause::constraint, {1118, 1644, 1916, 1918, 1977, 3140, 3141, 3854, 4038}},
    CodesOfCause{Cause::syntax, {1064, 1149}},
    CodesOfCause{Cause::unknown_object,
                 {1049, 1051, 1054, 1072, 1091, 1109, 1146, 1176, 1305, 1360}},
};

/// Connection failures come without a code on PostgreSQL, and SQLite has one code for most errors:
/// there the words decide.
bool says(std::string_view message, std::string_view words)
{
    return message.find(words) != std::string_view::npos;
}

bool says_wrong_account(std::string_view message)
{
    return says(message, "password authentication failed") ||
           says(message, "no password supplied") || says(message, "Access denied") ||
           says(message, "no pg_hba.conf entry") || says(message, "authentication failed") ||
           (says(message, "role \"") && says(message, "does not exist"));
}

std::string hint_for(const Url& url, std::string_view message, Cause cause)
{
    if (url.engine == Engine::sqlite) {
        return "Check that the file is a database, and that its directory exists and may be "
               "written "
               "to.";
    }
    if (cause == Cause::permission) {
        const bool may_need_tls = url.engine == Engine::mysql && !url.parameters.contains("ssl-ca");
        return "Check the user and the password in the URL; a special character in it must be "
               "percent-encoded (@ is %40)." +
               std::string(may_need_tls ? " An account that requires TLS needs ssl-ca=FILE." : "");
    }
    if (cause == Cause::unknown_object) {
        return "Check the database's name, or create it first.";
    }
    if (says(message, "SSL") || says(message, "TLS") || says(message, "certificate")) {
        return url.engine == Engine::mysql ? "Check ssl-mode and ssl-ca in the URL."
                                           : "Check sslmode and sslrootcert in the URL.";
    }
    if (says(message, "too many") || says(message, "Too many")) {
        return "The server has no connection left: end one, or raise max_connections.";
    }
    return "Check that the server runs and listens there, and that no firewall is in between.";
}

std::string place(const Url& url)
{
    std::string text = "cannot connect to " + std::string(name_of(url.engine)) + " ";
    if (url.engine == Engine::sqlite) {
        return "cannot open the sqlite database \"" + url.path + "\"";
    }
    text += "at \"" +
            (url.socket.empty() ? (url.host.empty() ? "local socket" : url.host) : url.socket);
    text += (url.port == 0 ? "\"" : ":" + std::to_string(url.port) + "\"");
    if (!url.database.empty()) {
        text += ", database \"" + url.database + "\"";
    }
    return text + (url.user.empty() ? "" : ", user \"" + url.user + "\"");
}

bool says_unknown_database(std::string_view message)
{
    return says(message, "database") &&
           (says(message, "does not exist") || says(message, "Unknown"));
}

/// Only what another attempt may cure is a lost connection.
Cause connection_cause(const Url& url, std::string_view message, int native_code)
{
    if (url.engine == Engine::sqlite) {
        return cause_of_sqlite(native_code, message);
    }
    if (says_wrong_account(message) || cause_of_mysql(native_code, message) == Cause::permission) {
        return Cause::permission;
    }
    return says_unknown_database(message) ? Cause::unknown_object : Cause::connection_lost;
}

/// libpq breaks its sentences into lines and sets those in with tabs.
std::string in_one_line(std::string_view message)
{
    std::string text;
    for (std::size_t at = 0; at < message.size();) {
        const std::size_t end = std::min(message.find_first_of("\r\n\t", at), message.size());
        text += message.substr(at, end - at);
        at = std::min(message.find_first_not_of("\r\n\t ", end), message.size());
        text += end < message.size() ? " " : "";
    }
    return text;
}

/// No server repeats a password; should a library ever do so, it stops here. A password that is
/// also the user's or another public name gives nothing away.
std::string without_password(std::string message, const Url& url)
{
    const std::string& secret = url.password;
    if (secret.empty() || says(place(url), secret)) {
        return message;
    }
    for (std::size_t at = message.find(secret); at != std::string::npos;
         at = message.find(secret, at + 3)) {
        message.replace(at, secret.size(), "***");
    }
    return message;
}

} // namespace

Cause cause_of_sqlstate(std::string_view sqlstate)
{
    for (const SqlstateCause& one : sqlstate_causes) {
        if (sqlstate.starts_with(one.prefix)) {
            return one.cause;
        }
    }
    return Cause::other;
}

Cause cause_of_mysql(int code, std::string_view message)
{
    if (code == 0) {
        return Cause::other;
    }
    for (const CodesOfCause& one : mysql_causes) {
        if (std::find(one.codes.begin(), one.codes.end(), code) != one.codes.end()) {
            return one.cause;
        }
    }
    // Errors of the file system come with the system's own number in the text: 28 is a full disk.
    const bool is_file_error = code == 3 || code == 1026 || code == 1030;
    return is_file_error && says(message, "28") ? Cause::out_of_space : Cause::other;
}

Cause cause_of_sqlite(int extended_code, std::string_view message)
{
    constexpr int busy_snapshot = 517;
    if (extended_code == busy_snapshot) {
        return Cause::serialization;
    }
    switch (extended_code & 0xff) {
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
        return Cause::lock_timeout;
    case 8: // SQLITE_READONLY
        return Cause::read_only;
    case 9: // SQLITE_INTERRUPT
        return Cause::cancelled;
    case 13: // SQLITE_FULL
        return Cause::out_of_space;
    case 18: // SQLITE_TOOBIG
    case 19: // SQLITE_CONSTRAINT
    case 20: // SQLITE_MISMATCH
        return Cause::constraint;
    case 3:  // SQLITE_PERM
    case 23: // SQLITE_AUTH
        return Cause::permission;
    case 1: // SQLITE_ERROR: only the words tell
        break;
    default:
        return Cause::other;
    }
    if (says(message, "syntax error") || says(message, "incomplete input") ||
        says(message, "unrecognized token")) {
        return Cause::syntax;
    }
    if (says(message, "integer overflow") || says(message, "malformed JSON")) {
        return Cause::constraint;
    }
    return says(message, "no such ") || says(message, "has no column named") ||
                   says(message, "unknown database")
               ? Cause::unknown_object
               : Cause::other;
}

std::string tidy(std::string_view server_message)
{
    std::string text = in_one_line(server_message);
    while (!text.empty() && (text.back() == ' ' || text.back() == '.')) {
        text.pop_back();
    }
    const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (text.size() > 1 && is_upper(text[0]) && !is_upper(text[1])) {
        text[0] = static_cast<char>(text[0] - 'A' + 'a');
    }
    return text;
}

Error connection_failure(const Url& url, std::string_view server_message, int native_code)
{
    const Cause cause = connection_cause(url, server_message, native_code);
    return {
        ErrorKind::connection,
        place(url) + ": " + without_password(tidy(server_message), url),
        {.hint = hint_for(url, server_message, cause), .native_code = native_code, .cause = cause}};
}

Error setting_refused(std::string_view setting, std::string_view wanted, std::string_view found)
{
    return {ErrorKind::connection,
            "the server did not take \"" + std::string(setting) + "\": asked for \"" +
                std::string(wanted) + "\", it shows \"" + std::string(found) + "\"",
            {.hint = "Something between sluice and the server (a pooler, a proxy) may be changing "
                     "session settings: connect to the server itself.",
             .cause = Cause::other}};
}

Error nothing_committed()
{
    return {ErrorKind::sql,
            "nothing was committed: an earlier statement of the transaction had failed",
            {.statement = "COMMIT", .cause = Cause::other}};
}

} // namespace sluice
