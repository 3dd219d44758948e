#pragma once
// A script of many statements, as a client program would run it, cut into single statements by the
// rules of one engine: quotes, comments, dollar quotes, DELIMITER lines, the bodies of triggers,
// procedures and functions.

#include "sluice/db/url.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct ScriptStatement {
    std::string comment; ///< what stood before it: the lines of its comments, without their marks
    std::string sql;     ///< without the mark that ends it
    int line = 0;        ///< where `sql` begins
};

/// What is no statement, or does not end.
struct ScriptFault {
    int line = 0;
    std::string problem; ///< "a quote or a comment is never closed"
};

struct Script {
    std::vector<ScriptStatement> statements;
    std::vector<ScriptFault> faults;
};

/// `first_line` is the line of the file in which `text` begins.
[[nodiscard]] Script split_script(std::string_view text, Engine engine, int first_line = 1);

/// `text` as one statement, whatever it holds; none where it holds nothing but comments.
[[nodiscard]] Script whole_script(std::string_view text, Engine engine, int first_line = 1);

enum class ScriptRole {
    work,        ///< changes the database
    transaction, ///< begins or commits one
    gives_up,    ///< rolls one back, wholly or to a savepoint
    setting,     ///< changes what the statements after it mean, for this session alone
    tuning,      ///< a setting that changes no result: time-outs, encodings, how a dump is read
};

[[nodiscard]] ScriptRole role_of(std::string_view sql, Engine engine);

} // namespace sluice
