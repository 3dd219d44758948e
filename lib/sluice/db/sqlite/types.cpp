#include "sluice/core/error.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/sqlite/affinity.h"
#include "sluice/db/sqlite/dialect.h"
#include "sluice/db/tokens.h"

#include <cctype>
#include <charconv>
#include <map>
#include <system_error>
#include <vector>

namespace sluice {

namespace {

/// What the name says to people beyond its affinity. Looked up by the first word.
std::optional<TypeFamily> family_by_name(std::string_view first_word)
{
    static const std::map<std::string, TypeFamily, std::less<>> families{
        {"bool", TypeFamily::boolean},
        {"boolean", TypeFamily::boolean},
        {"date", TypeFamily::date},
        {"time", TypeFamily::time},
        {"datetime", TypeFamily::timestamp},
        {"timestamp", TypeFamily::timestamp},
        {"timestamptz", TypeFamily::timestamp_tz},
        {"uuid", TypeFamily::uuid},
        {"guid", TypeFamily::uuid},
        {"json", TypeFamily::json},
        {"jsonb", TypeFamily::json},
        {"numeric", TypeFamily::decimal},
        {"decimal", TypeFamily::decimal},
        {"dec", TypeFamily::decimal},
        {"number", TypeFamily::decimal},
        {"money", TypeFamily::decimal},
        {"bytea", TypeFamily::bytes},
        {"binary", TypeFamily::bytes},
        {"varbinary", TypeFamily::bytes}};
    const auto found = families.find(first_word);
    return found == families.end() ? std::nullopt : std::optional(found->second);
}

TypeFamily family_of(Affinity affinity, std::string_view first_word)
{
    if (const auto named = family_by_name(first_word)) {
        return *named;
    }
    switch (affinity) {
    case Affinity::integer:
        return TypeFamily::integer;
    case Affinity::text:
        return TypeFamily::text;
    case Affinity::real:
        return TypeFamily::floating;
    case Affinity::blob:
        return TypeFamily::bytes;
    case Affinity::numeric:
        return TypeFamily::other;
    }
    throw Error(ErrorKind::internal, "unknown affinity");
}

/// SQLite keeps its own types by number and prints them in capitals, however they were written.
std::string as_stored(std::string_view declared)
{
    for (const char* own : {"ANY", "BLOB", "INT", "INTEGER", "REAL", "TEXT"}) {
        if (lower_case(declared) == lower_case(own)) {
            return own;
        }
    }
    return std::string(declared);
}

/// The numbers in the parentheses. SQLite takes any text for a type, so nothing is refused here.
std::vector<int> arguments_of(const std::vector<Token>& tokens)
{
    std::vector<int> numbers;
    for (const Token& token : tokens) {
        const bool is_number = token.kind == Token::Kind::number && token.text.size() < 10 &&
                               token.text.find_first_not_of("0123456789") == std::string::npos;
        if (is_number) {
            numbers.push_back(std::stoi(token.text));
        }
    }
    return numbers;
}

/// A number as SQL writes it, with its sign.
bool is_number(std::string_view text)
{
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        text = trimmed(text.substr(1));
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool starts_as_number = !text.empty() && text.front() != '-' &&
                                  std::isalpha(static_cast<unsigned char>(text.front())) == 0;
    return starts_as_number && error == std::errc() && end == text.data() + text.size();
}

} // namespace

Affinity affinity_of(std::string_view declared)
{
    const std::string type = lower_case(declared);
    const auto contains = [&type](std::string_view part) {
        return type.find(part) != std::string::npos;
    };
    if (contains("int")) {
        return Affinity::integer;
    }
    if (contains("char") || contains("clob") || contains("text")) {
        return Affinity::text;
    }
    if (contains("blob") || trimmed(type).empty()) {
        return Affinity::blob;
    }
    const bool is_real = contains("real") || contains("floa") || contains("doub");
    return is_real ? Affinity::real : Affinity::numeric;
}

Type SqliteDialect::parse_type(std::string_view sql) const
{
    const std::string_view declared = trimmed(sql);
    if (declared.empty()) {
        throw Error(ErrorKind::definition, "the type is empty",
                    {.hint = "Write the type as in CREATE TABLE, for instance TEXT."});
    }
    const std::vector<Token> tokens = tokenize(declared, Engine::sqlite);
    const std::vector<int> arguments = arguments_of(tokens);
    Type type{.sql = as_stored(declared)};
    type.family = family_of(affinity_of(declared),
                            tokens.empty() ? std::string() : lower_case(tokens[0].text));
    if (type.family == TypeFamily::integer || type.family == TypeFamily::floating) {
        type.bits = 64;
    } else if (type.family == TypeFamily::decimal && !arguments.empty()) {
        type.precision = arguments[0];
        type.scale = arguments.size() > 1 ? arguments[1] : 0;
    } else if ((type.family == TypeFamily::text || type.family == TypeFamily::bytes) &&
               !arguments.empty()) {
        type.length = arguments[0];
    }
    return type;
}

std::string SqliteDialect::cast(std::string_view expression, const Type& type) const
{
    const auto to = [expression](std::string_view target) {
        return "CAST(" + std::string(expression) + " AS " + std::string(target) + ")";
    };
    switch (affinity_of(type.sql)) {
    case Affinity::integer:
        return to("INTEGER");
    case Affinity::real:
        return to("REAL");
    case Affinity::text:
        return to("TEXT");
    case Affinity::numeric:
        // CAST would make 2026 of the date '2026-11-21'; storing it does not.
        return type.family == TypeFamily::decimal || type.family == TypeFamily::boolean
                   ? to("NUMERIC")
                   : operand(expression, Engine::sqlite);
    case Affinity::blob:
        return operand(expression, Engine::sqlite);
    }
    throw Error(ErrorKind::internal, "unknown affinity");
}

std::string SqliteDialect::differs(std::string_view a, std::string_view b,
                                   const Type& /*type*/) const
{
    return operand(a, Engine::sqlite) + " COLLATE BINARY IS NOT " + operand(b, Engine::sqlite);
}

bool SqliteDialect::is_constant(std::string_view sql) const
{
    // What ADD COLUMN never refuses: one literal, with its sign.
    std::string_view text = trimmed(sql);
    std::vector<Token> tokens = tokenize(text, Engine::sqlite);
    while (tokens.size() > 2 && tokens.front().is_symbol('(') && tokens.back().is_symbol(')')) {
        tokens.erase(tokens.begin());
        tokens.pop_back();
    }
    if (tokens.empty()) {
        return false;
    }
    const std::size_t begin = tokens.front().begin;
    text = text.substr(begin, tokens.back().end - begin);
    const Token& last = tokens.back();
    if (last.kind == Token::Kind::string) {
        const bool is_blob = tokens.size() == 2 && tokens[0].is("X") && tokens[0].end == last.begin;
        return tokens.size() == 1 || is_blob;
    }
    const bool is_word = last.is("NULL") || last.is("TRUE") || last.is("FALSE");
    return is_word ? tokens.size() == 1 : is_number(text);
}

} // namespace sluice
