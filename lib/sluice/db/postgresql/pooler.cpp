#include "sluice/db/postgresql/pooler.h"

#include "sluice/db/postgresql/connect.h"

#include <poll.h>
#include <set>
#include <string>

namespace sluice {

namespace {

constexpr int longest_answer_ms = 2000;
constexpr int rounds = 3;

/// The id of the process that answers; "" where none does in time: a pool in session mode that has
/// no connection left lets us wait.
std::string process_that_answers(PGconn* handle)
{
    if (PQsendQuery(handle, "SELECT pg_backend_pid()") == 0) {
        return {};
    }
    while (PQisBusy(handle) != 0) {
        pollfd socket{PQsocket(handle), POLLIN, 0};
        if (::poll(&socket, 1, longest_answer_ms) <= 0 || PQconsumeInput(handle) == 0) {
            return {};
        }
    }
    std::string found;
    while (PGresult* result = PQgetResult(handle)) {
        if (PQresultStatus(result) == PGRES_TUPLES_OK) {
            found = PQgetvalue(result, 0, 0);
        }
        PQclear(result);
    }
    return found;
}

} // namespace

bool shares_server_processes(PGconn* handle, const Url& url, const SessionOptions& options)
{
    const auto second = connect_postgresql(url, options);
    std::set<std::string> ours;
    for (int n = 0; n < rounds; ++n) {
        ours.insert(process_that_answers(handle));
        const std::string other = process_that_answers(postgresql_handle(*second));
        if (other.empty()) {
            return false;
        }
        if (ours.size() > 1 || ours.contains(other)) {
            return true;
        }
    }
    return false;
}

Error transaction_pooler_found()
{
    return {ErrorKind::refused,
            "a pooler in transaction mode stands between sluice and the server: it spreads one "
            "session over several connections, and leaves its settings behind in them",
            {.hint = "Let the URL lead to the server itself, or to a pool with pool_mode = "
                     "session; then try again: sluice status."}};
}

} // namespace sluice
