#include "sluice/core/error.h"
#include "sluice/db/postgresql/dialect.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/tokens.h"
#include "sluice/db/type_text.h"

#include <map>

namespace sluice {

namespace {

/// The names by which a type without arguments goes, as the catalog prints them and as people do.
const std::map<std::string, Type, std::less<>>& plain_types()
{
    static const Type smallint{.sql = "smallint", .family = TypeFamily::integer, .bits = 16};
    static const Type integer{.sql = "integer", .family = TypeFamily::integer, .bits = 32};
    static const Type bigint{.sql = "bigint", .family = TypeFamily::integer, .bits = 64};
    static const Type real{.sql = "real", .family = TypeFamily::floating, .bits = 32};
    static const Type wide{.sql = "double precision", .family = TypeFamily::floating, .bits = 64};
    static const Type boolean{.sql = "boolean", .family = TypeFamily::boolean};
    static const std::map<std::string, Type, std::less<>> types{
        {"smallint", smallint},
        {"int2", smallint},
        {"integer", integer},
        {"int", integer},
        {"int4", integer},
        {"bigint", bigint},
        {"int8", bigint},
        {"real", real},
        {"float4", real},
        {"double precision", wide},
        {"float8", wide},
        {"boolean", boolean},
        {"bool", boolean},
        {"text", {.sql = "text", .family = TypeFamily::text}},
        {"citext", {.sql = "citext", .family = TypeFamily::text}},
        {"bytea", {.sql = "bytea", .family = TypeFamily::bytes}},
        {"uuid", {.sql = "uuid", .family = TypeFamily::uuid}},
        {"json", {.sql = "json", .family = TypeFamily::json}},
        {"jsonb", {.sql = "jsonb", .family = TypeFamily::json}},
        {"date", {.sql = "date", .family = TypeFamily::date}},
    };
    return types;
}

Type text_type(std::string_view name, std::optional<int> length)
{
    Type type{.sql = std::string(name), .family = TypeFamily::text};
    if (length) {
        type.length = *length;
        type.sql += "(" + std::to_string(*length) + ")";
    }
    return type;
}

Type decimal_type(const TypeText& text)
{
    Type type{.sql = "numeric", .family = TypeFamily::decimal};
    type.precision = number_argument(text, 0);
    if (type.precision) {
        type.scale = number_argument(text, 1).value_or(0);
        type.sql += "(" + std::to_string(*type.precision) + "," + std::to_string(*type.scale) + ")";
    }
    return type;
}

/// `zone` is what follows the precision: " without time zone".
Type temporal_type(std::string name, std::string_view zone, TypeFamily family, const TypeText& text)
{
    Type type{.sql = std::move(name), .family = family, .precision = number_argument(text, 0)};
    if (type.precision) {
        type.sql += "(" + std::to_string(*type.precision) + ")";
    }
    type.sql += zone;
    return type;
}

Type bits_type(std::string name, std::optional<int> length)
{
    Type type{.sql = std::move(name), .family = TypeFamily::bits};
    if (length) {
        type.length = *length;
        type.sql += "(" + std::to_string(*length) + ")";
    }
    return type;
}

std::optional<Type> temporal_or_nothing(const TypeText& text)
{
    const std::string& words = text.words;
    if (is_one_of(words, {"time", "time without time zone"})) {
        return temporal_type("time", " without time zone", TypeFamily::time, text);
    }
    if (is_one_of(words, {"timetz", "time with time zone"})) {
        return temporal_type("time", " with time zone", TypeFamily::other, text);
    }
    if (is_one_of(words, {"timestamp", "timestamp without time zone"})) {
        return temporal_type("timestamp", " without time zone", TypeFamily::timestamp, text);
    }
    if (is_one_of(words, {"timestamptz", "timestamp with time zone"})) {
        return temporal_type("timestamp", " with time zone", TypeFamily::timestamp_tz, text);
    }
    if (words == "interval" || words.rfind("interval ", 0) == 0) {
        return temporal_type(words, "", TypeFamily::interval, text);
    }
    return std::nullopt;
}

std::optional<Type> built_in(const TypeText& text)
{
    const std::string& words = text.words;
    const auto plain = plain_types().find(words);
    if (plain != plain_types().end() && text.arguments.empty()) {
        return plain->second;
    }
    if (is_one_of(words,
                  {"character varying", "varchar", "char varying", "national character varying"})) {
        return text_type("character varying", number_argument(text, 0));
    }
    if (is_one_of(words, {"character", "char", "nchar", "national character"})) {
        return text_type("character", number_argument(text, 0).value_or(1));
    }
    if (words == "bpchar") {
        return text_type(text.arguments.empty() ? "bpchar" : "character", number_argument(text, 0));
    }
    if (is_one_of(words, {"numeric", "decimal", "dec"})) {
        return decimal_type(text);
    }
    if (words == "float") {
        const bool is_real = number_argument(text, 0).value_or(53) <= 24;
        return plain_types().find(is_real ? "real" : "double precision")->second;
    }
    if (words == "bit") {
        return bits_type("bit", number_argument(text, 0).value_or(1));
    }
    if (is_one_of(words, {"bit varying", "varbit"})) {
        return bits_type("bit varying", number_argument(text, 0));
    }
    return temporal_or_nothing(text);
}

/// The index of the first token after the name of a type in a cast.
std::size_t end_of_type(const std::vector<Token>& tokens, std::size_t at)
{
    for (; at < tokens.size(); ++at) {
        const Token& token = tokens[at];
        const bool has_length = token.is_symbol('(') && at + 1 < tokens.size() &&
                                tokens[at + 1].kind == Token::Kind::number;
        if (has_length) {
            while (at < tokens.size() && !tokens[at].is_symbol(')')) {
                ++at;
            }
        } else if (token.kind == Token::Kind::string ||
                   (token.kind == Token::Kind::symbol && !token.is_symbol('.') &&
                    !token.is_symbol('[') && !token.is_symbol(']'))) {
            return at;
        }
    }
    return at;
}

/// A literal, an operator, or a word whose value is the same for all rows of one statement.
bool is_constant_token(const std::vector<Token>& tokens, std::size_t n)
{
    const Token& token = tokens[n];
    if (token.kind == Token::Kind::name) {
        return false;
    }
    const bool types_a_literal = n + 1 < tokens.size() && tokens[n + 1].kind == Token::Kind::string;
    return token.kind != Token::Kind::word || types_a_literal ||
           is_one_of(lower_case(token.text),
                     {"null", "true", "false", "current_timestamp", "current_date", "current_time",
                      "localtime", "localtimestamp", "current_user", "session_user", "array",
                      "cast", "now", "transaction_timestamp", "statement_timestamp"});
}

} // namespace

Type PostgresqlDialect::parse_type(std::string_view sql) const
{
    const TypeText text = read_type_text(sql, Engine::postgresql);
    if (is_one_of(text.words, {"serial", "bigserial", "smallserial", "serial4", "serial8"})) {
        throw Error(ErrorKind::definition, "\"" + text.words + "\" is not a type of its own",
                    {.hint = "Write integer or bigint, and create the sequence in SQL."});
    }
    std::optional<Type> known = text.is_plain ? built_in(text) : std::nullopt;
    if (!known && text.is_plain && text.words.find(' ') != std::string::npos) {
        throw Error(ErrorKind::definition, "\"" + std::string(sql) + "\" is not a type",
                    {.hint = "Write the type as in CREATE TABLE, for instance varchar(50)."});
    }
    if (!known) {
        return {.sql = std::string(trimmed(sql)), .family = TypeFamily::other};
    }
    return text.is_array ? Type{.sql = known->sql + "[]", .family = TypeFamily::other} : *known;
}

std::string PostgresqlDialect::cast(std::string_view expression, const Type& type) const
{
    return "CAST(" + std::string(expression) + " AS " + type.sql + ")";
}

std::string PostgresqlDialect::differs(std::string_view a, std::string_view b,
                                       const Type& type) const
{
    // The stored bytes, whatever the collation; and some types (json, point) have no = at all.
    return "record_image_ne(ROW(" + cast(a, type) + "), ROW(" + cast(b, type) + "))";
}

bool PostgresqlDialect::is_constant(std::string_view sql) const
{
    const std::vector<Token> tokens = tokenize(sql, Engine::postgresql);
    for (std::size_t n = 0; n < tokens.size(); ++n) {
        const bool is_colon = tokens[n].is_symbol(':');
        if (is_colon || tokens[n].is("AS")) {
            n = end_of_type(tokens, is_colon ? n + 2 : n + 1) - 1;
        } else if (!is_constant_token(tokens, n)) {
            return false;
        }
    }
    return !tokens.empty();
}

} // namespace sluice
