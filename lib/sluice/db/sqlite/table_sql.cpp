#include "sluice/db/sqlite/table_sql.h"

#include "sluice/core/error.h"
#include "sluice/db/tokens.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace sluice {

namespace {

using Kind = ConstraintSql::Kind;

bool same_name(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) ==
               std::tolower(static_cast<unsigned char>(y));
    });
}

template <std::size_t N>
bool is_one_of(const Token& token, const std::array<std::string_view, N>& keywords)
{
    return std::any_of(keywords.begin(), keywords.end(),
                       [&token](std::string_view keyword) { return token.is(keyword); });
}

constexpr std::array<std::string_view, 11> starts_of_constraints = {
    "CONSTRAINT", "PRIMARY", "NOT",        "NULL",      "UNIQUE", "CHECK",
    "DEFAULT",    "COLLATE", "REFERENCES", "GENERATED", "AS"};
constexpr std::array<std::string_view, 5> starts_of_table_constraints = {
    "CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"};

/// Walks the tokens between the parentheses of a CREATE TABLE.
class Reader {
public:
    explicit Reader(std::string_view sql) : sql_(sql), tokens_(tokenize(sql, Engine::sqlite))
    {
        while (at_ < tokens_.size() && !tokens_[at_].is_symbol('(')) {
            ++at_;
        }
        if (tokens_.empty() || !tokens_[0].is("CREATE") || at_ == tokens_.size()) {
            throw Error(ErrorKind::internal, "expected the text of a CREATE TABLE, found \"" +
                                                 std::string(sql.substr(0, 80)) + "\"");
        }
        ++at_;
    }

    TableSql run()
    {
        TableSql table;
        while (!is_done() && !is_symbol(')')) {
            if (is_one_of(tokens_[at_], starts_of_table_constraints)) {
                table.constraints.push_back(constraint(true));
            } else {
                table.columns.push_back(column());
            }
            if (!is_done() && is_symbol(',')) {
                ++at_;
            }
        }
        return table;
    }

private:
    [[nodiscard]] bool is_done() const { return at_ >= tokens_.size(); }

    [[nodiscard]] bool is(std::string_view word) const
    {
        return !is_done() && tokens_[at_].is(word);
    }

    [[nodiscard]] bool is_symbol(char c) const { return !is_done() && tokens_[at_].is_symbol(c); }

    [[nodiscard]] bool ends_item() const { return is_done() || is_symbol(',') || is_symbol(')'); }

    [[nodiscard]] std::string text(std::size_t from) const
    {
        if (from == at_) {
            return {};
        }
        return std::string(
            sql_.substr(tokens_[from].begin, tokens_[at_ - 1].end - tokens_[from].begin));
    }

    /// One token, or a whole parenthesis.
    void step()
    {
        int depth = 0;
        do {
            depth += is_symbol('(') ? 1 : 0;
            depth -= is_symbol(')') ? 1 : 0;
            ++at_;
        } while (depth > 0 && !is_done());
    }

    bool accept(std::string_view word)
    {
        if (!is(word)) {
            return false;
        }
        ++at_;
        return true;
    }

    ColumnSql column()
    {
        ColumnSql column;
        column.name = tokens_[at_].text;
        column.begin = tokens_[at_].begin;
        ++at_;
        const std::size_t type = at_;
        while (!ends_item() && !is_one_of(tokens_[at_], starts_of_constraints)) {
            step();
        }
        column.type = text(type);
        column.type_end = tokens_[at_ - 1].end;
        while (!ends_item()) {
            column.constraints.push_back(constraint(false));
        }
        column.end = tokens_[at_ - 1].end;
        return column;
    }

    ConstraintSql constraint(bool of_table)
    {
        ConstraintSql found;
        found.begin = tokens_[at_].begin;
        if (accept("CONSTRAINT") && !ends_item()) {
            found.name = tokens_[at_++].text;
        }
        body(found, of_table);
        found.has_conflict_clause = conflict_clause() || found.has_conflict_clause;
        accept("AUTOINCREMENT");
        found.end = tokens_[at_ - 1].end;
        return found;
    }

    void body(ConstraintSql& found, bool of_table)
    {
        const std::size_t from = at_;
        if (accept("PRIMARY")) {
            key(found, Kind::primary_key);
        } else if (accept("NOT")) {
            found.kind = Kind::not_null;
            accept("NULL");
        } else if (accept("UNIQUE")) {
            key(found, Kind::unique);
        } else if (accept("CHECK")) {
            parenthesis(found, Kind::check);
        } else if (accept("DEFAULT")) {
            default_value(found);
        } else if (accept("COLLATE")) {
            found.kind = Kind::collate;
            found.text = ends_item() ? "" : tokens_[at_++].text;
        } else if (accept("REFERENCES") || accept("FOREIGN")) {
            reference(found, of_table);
        } else if (accept("GENERATED")) {
            accept("ALWAYS");
            accept("AS");
            parenthesis(found, Kind::generated);
        } else if (accept("AS")) {
            parenthesis(found, Kind::generated);
        } else {
            accept("NULL");
        }
        if (from == at_) {
            step(); // what SQLite accepts and means nothing
        }
    }

    void key(ConstraintSql& found, Kind kind)
    {
        found.kind = kind;
        accept("KEY");
        if (is_symbol('(')) {
            parenthesis(found, kind);
        }
        if (!accept("ASC")) {
            accept("DESC");
        }
    }

    void parenthesis(ConstraintSql& found, Kind kind)
    {
        found.kind = kind;
        const std::size_t from = at_;
        if (is_symbol('(')) {
            step();
        }
        found.text = text(from);
        if (kind == Kind::generated && !accept("STORED")) {
            accept("VIRTUAL");
        }
    }

    void default_value(ConstraintSql& found)
    {
        found.kind = Kind::default_value;
        const std::size_t from = at_;
        while (is_symbol('-') || is_symbol('+')) {
            ++at_;
        }
        if (!ends_item()) {
            step();
        }
        found.text = text(from);
    }

    /// To the next constraint; NULL, DEFAULT and NOT may be parts of this one.
    void reference(ConstraintSql& found, bool of_table)
    {
        found.kind = of_table ? Kind::foreign_key : Kind::references;
        const std::size_t from = at_;
        while (!ends_item()) {
            const bool is_ours =
                tokens_[at_ - 1].is("SET") ||
                (is("NOT") && at_ + 1 < tokens_.size() && tokens_[at_ + 1].is("DEFERRABLE")) ||
                (is("REFERENCES") && of_table);
            if (!is_ours && is_one_of(tokens_[at_], starts_of_constraints)) {
                break;
            }
            step();
        }
        found.text = text(from);
    }

    bool conflict_clause()
    {
        if (!is("ON") || at_ + 1 >= tokens_.size() || !tokens_[at_ + 1].is("CONFLICT")) {
            return false;
        }
        at_ = std::min(at_ + 3, tokens_.size());
        return true;
    }

    std::string_view sql_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
};

ColumnSql column_of(std::string_view create_table, std::string_view column)
{
    const TableSql table = read_table_sql(create_table);
    if (const ColumnSql* found = table.find(column)) {
        return *found;
    }
    throw Error(ErrorKind::internal,
                "the text of the table has no column \"" + std::string(column) + "\"");
}

/// Without the constraint and the white space before it.
std::string without(std::string_view sql, const ConstraintSql& constraint)
{
    std::size_t begin = constraint.begin;
    while (begin > 0 && std::isspace(static_cast<unsigned char>(sql[begin - 1])) != 0) {
        --begin;
    }
    return std::string(sql.substr(0, begin)) + std::string(sql.substr(constraint.end));
}

std::string with(std::string_view sql, std::size_t place, const std::string& constraint)
{
    return std::string(sql.substr(0, place)) + " " + constraint + std::string(sql.substr(place));
}

bool stands_alone(const std::string& value)
{
    const std::string probe = "CREATE TABLE t(c DEFAULT " + value + ")";
    const TableSql table = read_table_sql(probe);
    const ConstraintSql* found =
        table.columns.size() == 1 ? table.columns[0].find(Kind::default_value) : nullptr;
    return found != nullptr && table.columns[0].constraints.size() == 1 && found->text == value;
}

} // namespace

const ConstraintSql* ColumnSql::find(ConstraintSql::Kind kind) const
{
    const auto found = std::find_if(constraints.begin(), constraints.end(),
                                    [kind](const ConstraintSql& c) { return c.kind == kind; });
    return found == constraints.end() ? nullptr : &*found;
}

const ColumnSql* TableSql::find(std::string_view column) const
{
    const auto found = std::find_if(columns.begin(), columns.end(), [column](const ColumnSql& c) {
        return same_name(c.name, column);
    });
    return found == columns.end() ? nullptr : &*found;
}

TableSql read_table_sql(std::string_view create_table)
{
    return Reader(create_table).run();
}

std::string with_not_null(std::string_view create_table, std::string_view column)
{
    const ColumnSql found = column_of(create_table, column);
    if (found.find(Kind::not_null) != nullptr) {
        return std::string(create_table);
    }
    return with(create_table, found.type_end, "NOT NULL");
}

std::string without_not_null(std::string_view create_table, std::string_view column)
{
    std::string sql(create_table);
    for (ColumnSql found = column_of(sql, column);; found = column_of(sql, column)) {
        const ConstraintSql* constraint = found.find(Kind::not_null);
        if (constraint == nullptr) {
            return sql;
        }
        if (constraint->has_conflict_clause) {
            throw Error(ErrorKind::refused,
                        "NOT NULL of column \"" + found.name +
                            "\" has an ON CONFLICT clause, which could not be put back");
        }
        sql = without(sql, *constraint);
    }
}

std::string with_default(std::string_view create_table, std::string_view column,
                         const std::optional<std::string>& value)
{
    std::string sql(create_table);
    ColumnSql found = column_of(sql, column);
    if (const ConstraintSql* constraint = found.find(Kind::default_value)) {
        sql = without(sql, *constraint);
        found = column_of(sql, column);
    }
    if (!value) {
        return sql;
    }
    const ConstraintSql* not_null = found.find(Kind::not_null);
    const std::size_t place = not_null != nullptr ? not_null->end : found.type_end;
    return with(sql, place, "DEFAULT " + (stands_alone(*value) ? *value : "(" + *value + ")"));
}

std::string with_index_name(std::string_view create_index, std::string_view name)
{
    const std::vector<Token> tokens = tokenize(create_index, Engine::sqlite);
    std::size_t on = 0;
    while (on < tokens.size() && !tokens[on].is("ON")) {
        ++on;
    }
    if (on < 3 || on == tokens.size() || !tokens[0].is("CREATE")) {
        throw Error(ErrorKind::internal, "expected the text of a CREATE INDEX, found \"" +
                                             std::string(create_index.substr(0, 80)) + "\"");
    }
    std::string quoted = "\"";
    for (const char c : name) {
        quoted.append(c == '"' ? 2 : 1, c);
    }
    return std::string(create_index.substr(0, tokens[on - 1].begin)) + quoted + "\"" +
           std::string(create_index.substr(tokens[on - 1].end));
}

} // namespace sluice
