#pragma once
// What came back from PostgreSQL: rows, counts, errors. Private to db/postgresql/.

#include "sluice/core/error.h"
#include "sluice/db/statement.h"

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class PostgresqlResult {
public:
    explicit PostgresqlResult(PGresult* result) : result_(result) {}

    [[nodiscard]] Rows rows() const;
    [[nodiscard]] std::int64_t affected() const; ///< 0 for what changes no rows
    [[nodiscard]] std::string_view tag() const;  ///< "COMMIT", "UPDATE 3"

private:
    struct Clear {
        void operator()(PGresult* result) const { PQclear(result); }
    };

    std::unique_ptr<PGresult, Clear> result_;
};

/// The values as the protocol's text parameters; they live as long as the statement.
[[nodiscard]] std::vector<const char*> parameter_values(const Statement& statement);

/// Text ends at a zero byte in PostgreSQL, so a value or a statement with one would be cut short.
void refuse_zero_bytes(const Statement& statement);

/// Nothing here streams: a COPY FROM STDIN is told that there is no data, a COPY TO STDOUT is read
/// and dropped. `result` becomes stale where a COPY IN was ended.
void end_copy(PGconn* handle, PGresult* result);

/// What only the session knows about a statement that was stopped: PostgreSQL has one code for all.
struct Interruption {
    bool cancel_requested = false;
    bool has_statement_timeout = false;
};

[[nodiscard]] Error postgresql_error(PGconn* handle, const PGresult* result, std::string_view sql,
                                     Interruption interruption);

} // namespace sluice
