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
    SqlstateCause{"42P01", Cause::unknown_object}, SqlstateCause{"42P02", Cause::unknown_object},
    SqlstateCause{"42703", Cause::unknown_object}, SqlstateCause{"42704", Cause::unknown_object},
    SqlstateCause{"42883", Cause::unknown_object}, SqlstateCause{"3F000", Cause::unknown_object},
    SqlstateCause{"3D000", Cause::unknown_object}, SqlstateCause{"42601", Cause::syntax},
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
    switch (code) {
    case 1213: // deadlock; on Galera also a lost certification, at COMMIT too
        return Cause::deadlock;
    case 1020: // record has changed since last read
        return Cause::serialization;
    case 1205: // lock wait time-out: rows, metadata locks, NOWAIT on MariaDB
    case 3572: // NOWAIT on MySQL
        return Cause::lock_timeout;
    case 1969: // max_statement_time, MariaDB
    case 3024: // max_execution_time, MySQL
        return Cause::statement_timeout;
    case 1317:
        return Cause::cancelled;
    case 1053: // shutting down
    case 1927: // killed
    case 1077: // normal shutdown
    case 2002:
    case 2003:
    case 2006:
    case 2013:
    case 2055:
    case 4031: // disconnected for inactivity
        return Cause::connection_lost;
    case 1290: // --read-only
    case 1792: // read-only transaction
    case 1836: // read-only mode
    case 1874: // InnoDB is read-only
        return Cause::read_only;
    case 1021:
    case 1114:
    case 3675:
        return Cause::out_of_space;
    case 3: // error writing file
    case 1026:
    case 1030:
        return says(message, "28") ? Cause::out_of_space : Cause::other;
    case 1044:
    case 1045:
    case 1095: // not the owner of the connection to be ended
    case 1142:
    case 1143:
    case 1227:
    case 1251:
    case 1370:
    case 1410:
    case 1698:
        return Cause::permission;
    case 1022:
    case 1048:
    case 1062:
    case 1169:
    case 1216:
    case 1217:
    case 1364:
    case 1451:
    case 1452:
    case 1557:
    case 1586:
    case 1761:
    case 1762:
    case 3819: // CHECK, MySQL
    case 4025: // CHECK, MariaDB
        return Cause::constraint;
    case 1064:
    case 1149:
        return Cause::syntax;
    case 1049:
    case 1051:
    case 1054:
    case 1072:
    case 1091:
    case 1109:
    case 1146:
    case 1176:
    case 1305:
    case 1360: // trigger
        return Cause::unknown_object;
    default:
        return Cause::other;
    }
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
    case 19: // SQLITE_CONSTRAINT
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
    return says(message, "no such ") || says(message, "has no column named") ||
                   says(message, "unknown database")
               ? Cause::unknown_object
               : Cause::other;
}

std::string tidy(std::string_view server_message)
{
    std::string text(server_message);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ' ||
                             text.back() == '.')) {
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
