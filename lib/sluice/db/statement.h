#pragma once
// SQL text together with the values bound to it, and the rows that come back. Values travel as
// text: the SQL says the cast where the engine needs one. Text is always natively what the engine
// reads ($1 on PostgreSQL, ? on MySQL, ?1 on SQLite); no library in between parses it.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

using Value = std::optional<std::string>; ///< nullopt is NULL
using Row = std::vector<Value>;

struct Rows {
    std::vector<std::string> columns;
    std::vector<Row> rows;

    [[nodiscard]] bool empty() const { return rows.empty(); }

    [[nodiscard]] std::size_t size() const { return rows.size(); }

    [[nodiscard]] const Row& operator[](std::size_t n) const { return rows[n]; }
};

/// How a value is bound. Only SQLite, whose values carry their own type, tells `text`, `integer`
/// and `bytes` apart; the others bind text and cast in the SQL. The text of `bytes` is hex, two
/// digits a byte, without prefix.
enum class Bind { text, integer, bytes };

struct Param {
    Value value;
    Bind bind = Bind::text;
};

struct Statement {
    std::string text;
    std::vector<Param> params;
};

enum class PlaceholderStyle { dollar_number, question, question_number };

/// Builds a Statement: text is appended as it is, values as placeholders in the engine's style.
/// Dialect::sql() makes one in the right style.
class Sql {
public:
    explicit Sql(PlaceholderStyle style) : style_(style) {}

    Sql& operator<<(std::string_view text);
    Sql& bind(Param param);

    Sql& bind(Value value) { return bind(Param{std::move(value), Bind::text}); }

    Sql& bind(std::string_view value) { return bind(Param{std::string(value), Bind::text}); }

    Sql& bind(const std::string& value) { return bind(Param{value, Bind::text}); }

    Sql& bind(const char* value) { return bind(Param{value, Bind::text}); }

    Sql& bind(long long value);

    [[nodiscard]] Statement take() { return std::move(statement_); }

private:
    PlaceholderStyle style_;
    Statement statement_;
};

} // namespace sluice
