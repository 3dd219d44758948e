#include "sluice/core/error.h"
#include "sluice/db/mysql/dialect.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/tokens.h"
#include "sluice/db/type_text.h"

#include <map>

namespace sluice {

namespace {

/// The types whose name says all, and the names by which they go.
const std::map<std::string, Type, std::less<>>& plain_types()
{
    static const Type mediumblob{.sql = "mediumblob", .family = TypeFamily::bytes};
    static const Type mediumtext{.sql = "mediumtext", .family = TypeFamily::text};
    static const Type boolean{.sql = "tinyint(1)", .family = TypeFamily::boolean, .bits = 8};
    static const std::map<std::string, Type, std::less<>> types{
        {"boolean", boolean},
        {"bool", boolean},
        {"tinytext", {.sql = "tinytext", .family = TypeFamily::text}},
        {"text", {.sql = "text", .family = TypeFamily::text}},
        {"mediumtext", mediumtext},
        {"long", mediumtext},
        {"long varchar", mediumtext},
        {"longtext", {.sql = "longtext", .family = TypeFamily::text}},
        {"tinyblob", {.sql = "tinyblob", .family = TypeFamily::bytes}},
        {"blob", {.sql = "blob", .family = TypeFamily::bytes}},
        {"mediumblob", mediumblob},
        {"long varbinary", mediumblob},
        {"longblob", {.sql = "longblob", .family = TypeFamily::bytes}},
        {"date", {.sql = "date", .family = TypeFamily::date}},
        {"json", {.sql = "json", .family = TypeFamily::json}},
        {"uuid", {.sql = "uuid", .family = TypeFamily::uuid}},
    };
    return types;
}

const std::map<std::string, std::string, std::less<>>& integer_names()
{
    static const std::map<std::string, std::string, std::less<>> names{
        {"tinyint", "tinyint"},     {"int1", "tinyint"},
        {"smallint", "smallint"},   {"int2", "smallint"},
        {"mediumint", "mediumint"}, {"int3", "mediumint"},
        {"middleint", "mediumint"}, {"int", "int"},
        {"integer", "int"},         {"int4", "int"},
        {"bigint", "bigint"},       {"int8", "bigint"}};
    return names;
}

int bits_of(std::string_view integer)
{
    if (integer == "tinyint") {
        return 8;
    }
    if (integer == "smallint") {
        return 16;
    }
    if (integer == "mediumint") {
        return 24;
    }
    return integer == "int" ? 32 : 64;
}

/// "int(11) unsigned zerofill" is the name "int" with two attributes.
struct Attributes {
    std::string name;
    bool is_unsigned = false;
    bool is_zerofill = false;
};

Attributes split_attributes(std::string words)
{
    Attributes result;
    const auto take = [&words](std::string_view attribute) {
        const std::string suffix = " " + std::string(attribute);
        if (words.size() <= suffix.size() ||
            words.compare(words.size() - suffix.size(), suffix.size(), suffix) != 0) {
            return false;
        }
        words.resize(words.size() - suffix.size());
        return true;
    };
    result.is_zerofill = take("zerofill");
    result.is_unsigned = take("unsigned") || result.is_zerofill;
    take("signed");
    result.name = words;
    return result;
}

/// The display width means nothing, and newer servers do not print it; but tinyint(1) is what a
/// boolean is, and ZEROFILL pads to it.
Type integer_type(const std::string& name, const Attributes& attributes, const TypeText& text)
{
    const std::optional<int> width = number_argument(text, 0);
    Type type{.sql = name,
              .family = TypeFamily::integer,
              .bits = bits_of(name),
              .is_unsigned = attributes.is_unsigned};
    if (name == "tinyint" && width == 1 && !attributes.is_unsigned) {
        type.family = TypeFamily::boolean;
        type.sql = "tinyint(1)";
    }
    if (attributes.is_zerofill) {
        type.sql = with_arguments(name, text);
    }
    type.sql += attributes.is_unsigned ? " unsigned" : "";
    type.sql += attributes.is_zerofill ? " zerofill" : "";
    return type;
}

Type decimal_type(const Attributes& attributes, const TypeText& text)
{
    Type type{.sql = "decimal", .family = TypeFamily::decimal};
    type.is_unsigned = attributes.is_unsigned;
    type.precision = number_argument(text, 0).value_or(10);
    type.scale = number_argument(text, 1).value_or(0);
    type.sql += "(" + std::to_string(*type.precision) + "," + std::to_string(*type.scale) + ")";
    type.sql += attributes.is_unsigned ? " unsigned" : "";
    type.sql += attributes.is_zerofill ? " zerofill" : "";
    return type;
}

Type floating_type(const Attributes& attributes, const TypeText& text)
{
    const bool has_scale = text.arguments.size() == 2;
    const bool is_single = is_one_of(attributes.name, {"float", "float4"}) &&
                           (has_scale || number_argument(text, 0).value_or(24) <= 24);
    const std::string name = is_single ? "float" : "double";
    Type type{.sql = has_scale ? with_arguments(name, text) : name,
              .family = TypeFamily::floating,
              .bits = is_single ? 32 : 64,
              .is_unsigned = attributes.is_unsigned};
    type.sql += attributes.is_unsigned ? " unsigned" : "";
    type.sql += attributes.is_zerofill ? " zerofill" : "";
    return type;
}

std::optional<Type> number_or_nothing(const TypeText& text)
{
    const Attributes attributes = split_attributes(text.words);
    const auto integer = integer_names().find(attributes.name);
    if (integer != integer_names().end()) {
        return integer_type(integer->second, attributes, text);
    }
    if (is_one_of(attributes.name, {"decimal", "numeric", "dec", "fixed"})) {
        return decimal_type(attributes, text);
    }
    if (is_one_of(attributes.name,
                  {"float", "float4", "double", "double precision", "real", "float8"})) {
        return floating_type(attributes, text);
    }
    return std::nullopt;
}

Type sized_type(const std::string& name, TypeFamily family, int length)
{
    return {.sql = name + "(" + std::to_string(length) + ")", .family = family, .length = length};
}

int required_length(const TypeText& text)
{
    const std::optional<int> length = number_argument(text, 0);
    if (!length) {
        throw Error(ErrorKind::definition, "type \"" + text.words + "\" has no length",
                    {.hint = "Write for instance " + text.words + "(50)."});
    }
    return *length;
}

std::optional<Type> string_or_nothing(const TypeText& text)
{
    const std::string& words = text.words;
    if (is_one_of(words, {"varchar", "varcharacter", "character varying", "char varying",
                          "nvarchar", "national varchar", "national character varying"})) {
        return sized_type("varchar", TypeFamily::text, required_length(text));
    }
    if (is_one_of(words, {"char", "character", "nchar", "national char", "national character"})) {
        return sized_type("char", TypeFamily::text, number_argument(text, 0).value_or(1));
    }
    if (words == "varbinary") {
        return sized_type("varbinary", TypeFamily::bytes, required_length(text));
    }
    if (words == "binary") {
        return sized_type("binary", TypeFamily::bytes, number_argument(text, 0).value_or(1));
    }
    if (words == "bit") {
        return sized_type("bit", TypeFamily::bits, number_argument(text, 0).value_or(1));
    }
    return std::nullopt;
}

std::optional<Type> temporal_or_nothing(const TypeText& text)
{
    const std::string& words = text.words;
    if (!is_one_of(words, {"time", "datetime", "timestamp"})) {
        return std::nullopt;
    }
    Type type{.sql = words, .family = TypeFamily::time};
    if (words != "time") {
        type.family = words == "datetime" ? TypeFamily::timestamp : TypeFamily::timestamp_tz;
    }
    const int precision = number_argument(text, 0).value_or(0);
    if (precision > 0) {
        type.precision = precision;
        type.sql += "(" + std::to_string(precision) + ")";
    }
    return type;
}

bool is_fixed_text(const Type& type)
{
    return type.family == TypeFamily::text && type.sql.rfind("char(", 0) == 0;
}

std::string as_bytes(std::string_view expression)
{
    return "CAST(CONVERT(" + std::string(expression) + " USING utf8mb4) AS BINARY)";
}

} // namespace

Type MysqlDialect::parse_type(std::string_view sql) const
{
    const TypeText text = read_type_text(sql, Engine::mysql);
    if (text.words == "enum" || text.words == "set") {
        return {.sql = with_arguments(text.words, text),
                .family = text.words == "enum" ? TypeFamily::enumeration : TypeFamily::other};
    }
    const auto plain = plain_types().find(text.words);
    if (plain != plain_types().end() && text.arguments.empty()) {
        return plain->second;
    }
    for (const auto& reader : {number_or_nothing, string_or_nothing, temporal_or_nothing}) {
        if (std::optional<Type> type = reader(text)) {
            return *type;
        }
    }
    if (!text.is_plain || text.is_array || text.words == "serial" ||
        text.words.find(' ') != std::string::npos) {
        throw Error(ErrorKind::definition, "\"" + std::string(sql) + "\" is not a type",
                    {.hint = "Write the type as in CREATE TABLE, without character set, NULL or "
                             "DEFAULT, for instance varchar(50)."});
    }
    return {.sql = with_arguments(text.words, text), .family = TypeFamily::other};
}

std::string MysqlDialect::cast(std::string_view expression, const Type& type) const
{
    const auto to = [expression](const std::string& target) {
        return "CAST(" + std::string(expression) + " AS " + target + ")";
    };
    const std::string precision =
        type.precision ? "(" + std::to_string(*type.precision) + ")" : std::string();
    switch (type.family) {
    case TypeFamily::boolean:
    case TypeFamily::integer:
        return to(type.is_unsigned ? "UNSIGNED" : "SIGNED");
    case TypeFamily::bits:
        return to("UNSIGNED");
    case TypeFamily::decimal:
        return to("DECIMAL(" + std::to_string(type.precision.value_or(10)) + "," +
                  std::to_string(type.scale.value_or(0)) + ")");
    case TypeFamily::floating:
        return to(type.bits == 32 ? "FLOAT" : "DOUBLE");
    case TypeFamily::text:
        // A CHAR column gives its value back without the spaces at its end.
        return is_fixed_text(type) ? "TRIM(TRAILING ' ' FROM " + to("CHAR") + ")" : to("CHAR");
    case TypeFamily::enumeration:
        return to("CHAR");
    case TypeFamily::bytes:
        // A BINARY column pads with zero bytes.
        return to(type.sql.rfind("binary(", 0) == 0 ? type.sql : "BINARY");
    case TypeFamily::date:
        return to("DATE");
    case TypeFamily::time:
        return to("TIME" + precision);
    case TypeFamily::timestamp:
    case TypeFamily::timestamp_tz:
        return to("DATETIME" + precision);
    case TypeFamily::uuid:
        return to("UUID");
    case TypeFamily::json:
        return server().is_mariadb ? operand(expression, Engine::mysql) : to("JSON");
    case TypeFamily::interval:
    case TypeFamily::other:
        return operand(expression, Engine::mysql);
    }
    throw Error(ErrorKind::internal, "unknown type family");
}

std::string MysqlDialect::differs(std::string_view a, std::string_view b, const Type& type) const
{
    switch (type.family) {
    case TypeFamily::boolean:
    case TypeFamily::integer:
    case TypeFamily::decimal:
    case TypeFamily::floating:
    case TypeFamily::bits:
    case TypeFamily::date:
    case TypeFamily::time:
    case TypeFamily::timestamp:
    case TypeFamily::timestamp_tz:
        return "NOT (" + operand(a, Engine::mysql) + " <=> " + operand(b, Engine::mysql) + ")";
    case TypeFamily::text:
    case TypeFamily::enumeration:
    case TypeFamily::json:
    case TypeFamily::uuid:
        // One character set on both sides: bytes of latin1 and of utf8mb4 would never be equal.
        return "NOT (" + as_bytes(a) + " <=> " + as_bytes(b) + ")";
    case TypeFamily::bytes:
    case TypeFamily::interval:
    case TypeFamily::other:
        return "NOT (CAST(" + std::string(a) + " AS BINARY) <=> CAST(" + std::string(b) +
               " AS BINARY))";
    }
    throw Error(ErrorKind::internal, "unknown type family");
}

bool MysqlDialect::is_constant(std::string_view sql) const
{
    const std::vector<Token> tokens = tokenize(sql, Engine::mysql);
    for (std::size_t n = 0; n < tokens.size(); ++n) {
        const Token& token = tokens[n];
        const bool marks_a_literal = n + 1 < tokens.size() &&
                                     tokens[n + 1].kind == Token::Kind::string &&
                                     token.end == tokens[n + 1].begin; // b'0', _latin1'x'
        const bool is_constant_word =
            marks_a_literal ||
            is_one_of(lower_case(token.text),
                      {"null", "true", "false", "current_timestamp", "now", "localtime",
                       "localtimestamp", "current_date", "curdate", "current_time"});
        const bool is_sign = token.is_symbol('(') || token.is_symbol(')') || token.is_symbol('-') ||
                             token.is_symbol('+') || token.is_symbol('.');
        const bool is_literal =
            token.kind == Token::Kind::string || token.kind == Token::Kind::number;
        if (!is_literal && !is_sign && !(token.kind == Token::Kind::word && is_constant_word)) {
            return false;
        }
    }
    return !tokens.empty();
}

} // namespace sluice
