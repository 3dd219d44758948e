#include "sluice/db/server_signals.h"

#include "sluice/core/error.h"
#include "sluice/db/engine_signals.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sluice {

namespace {

const std::vector<SignalReader>& readers_of(Engine engine)
{
    switch (engine) {
    case Engine::postgresql:
        return postgresql_signals();
    case Engine::mysql:
        return mysql_signals();
    case Engine::sqlite:
        return sqlite_signals();
    }
    throw Error(ErrorKind::internal, "unknown engine");
}

[[noreturn]] void fail_no_replicas()
{
    fail_signal("this engine has no replicas");
}

} // namespace

void fail_signal(const std::string& why, Cause cause)
{
    throw Error(ErrorKind::sql, why, {.cause = cause});
}

double number_in(const Rows& rows, const std::string& why)
{
    if (rows.size() != 1 || !rows[0].at(0)) {
        fail_signal(why);
    }
    try {
        return std::stod(*rows[0][0]);
    } catch (const std::exception&) {
        fail_signal(fmt::format("the server answered \"{}\", no number", *rows[0][0]));
    }
}

ServerReading free_space(const std::string& path)
{
    struct statvfs found = {};
    if (::statvfs(path.c_str(), &found) != 0) {
        fail_signal(fmt::format("the free space of \"{}\" is not known here: {}", path,
                                std::strerror(errno)));
    }
    return {.value = static_cast<double>(found.f_bavail) * static_cast<double>(found.f_frsize),
            .text = path};
}

std::vector<std::string> server_signals(const Dialect& dialect)
{
    std::vector<std::string> names;
    for (const SignalReader& reader : readers_of(dialect.server().engine)) {
        names.emplace_back(reader.name);
    }
    switch (dialect.server().engine) {
    case Engine::postgresql:
        names.insert(names.end(), {"replica_lag", "replica_lag_bytes"});
        break;
    case Engine::mysql:
        names.emplace_back("replica_lag");
        break;
    case Engine::sqlite:
        break;
    }
    std::sort(names.begin(), names.end());
    return names;
}

ServerReading read_server_signal(Session& session, std::string_view name, const TableName& table)
{
    const std::vector<SignalReader>& readers = readers_of(session.dialect().server().engine);
    const auto reader =
        std::find_if(readers.begin(), readers.end(),
                     [name](const SignalReader& known) { return known.name == name; });
    if (reader == readers.end()) {
        fail_signal(fmt::format("this server has no such signal; it has {}",
                                fmt::join(server_signals(session.dialect()), ", ")));
    }
    return reader->read(session, table);
}

bool primary_sees_replicas(const Dialect& dialect)
{
    return dialect.server().engine == Engine::postgresql;
}

PrimaryState read_primary(Session& session)
{
    switch (session.dialect().server().engine) {
    case Engine::postgresql:
        return read_postgresql_primary(session);
    case Engine::mysql:
        return {};
    case Engine::sqlite:
        break;
    }
    fail_no_replicas();
}

ReplicaState read_replica(Session& session, const PrimaryState& primary)
{
    switch (session.dialect().server().engine) {
    case Engine::postgresql:
        return read_postgresql_replica(session, primary);
    case Engine::mysql:
        return read_mysql_replica(session);
    case Engine::sqlite:
        break;
    }
    fail_no_replicas();
}

std::string server_time(Session& session)
{
    switch (session.dialect().server().engine) {
    case Engine::postgresql:
        return session.query("SELECT to_char(clock_timestamp(), 'HH24:MI')")[0].at(0).value();
    case Engine::mysql: // our sessions are in UTC, the server need not be
        return session
            .query("SELECT date_format(convert_tz(utc_timestamp(), '+00:00', @@global.time_zone), "
                   "'%H:%i')")[0]
            .at(0)
            .value();
    case Engine::sqlite:
        return session.query("SELECT strftime('%H:%M', 'now', 'localtime')")[0].at(0).value();
    }
    throw Error(ErrorKind::internal, "unknown engine");
}

} // namespace sluice
