#include "sluice/db/side_effects.h"

#include "sluice/db/leading_words.h"
#include "sluice/db/sql_text.h"
#include "sluice/db/tokens.h"

#include <algorithm>
#include <set>

namespace sluice {

namespace {

/// A part of a table, by what it is and what it is called.
struct Part {
    std::string kind; ///< "index"
    std::string name; ///< may be empty: SQLite
    std::vector<std::string> columns;
    bool goes_with_columns = true; ///< as an index does with the only column that it is over
};

class Mentioned {
public:
    Mentioned(const std::vector<std::string>& sql, Engine engine)
    {
        for (const std::string& statement : sql) {
            add(statement, engine);
        }
    }

    [[nodiscard]] bool has(const std::string& name) const
    {
        return names_.count(lower_case(name)) > 0 || is_reserved(name);
    }

    [[nodiscard]] bool all(const std::vector<std::string>& names) const
    {
        return !names.empty() && std::all_of(names.begin(), names.end(),
                                             [this](const std::string& each) { return has(each); });
    }

    [[nodiscard]] bool any(const std::vector<std::string>& names) const
    {
        return std::any_of(names.begin(), names.end(),
                           [this](const std::string& each) { return has(each); });
    }

private:
    /// A text inside the SQL may be SQL, or a name: a DO block, an edit of SQLite's schema.
    void add(std::string_view sql, Engine engine)
    {
        for (const Token& token : tokenize(sql, engine)) {
            if (token.is_name()) {
                names_.insert(lower_case(token.text));
            } else if (token.kind == Token::Kind::string && token.text.size() > 2) {
                const std::string inside = token.text.substr(1, token.text.size() - 2);
                names_.insert(lower_case(inside));
                add(inside, engine);
            }
        }
    }

    static bool is_reserved(const std::string& name)
    {
        return name.find("sluice_") != std::string::npos;
    }

    std::set<std::string> names_;
};

Part part_of(const Column& column, Engine /*same everywhere*/)
{
    return {.kind = "column", .name = column.name, .columns = {}};
}

Part part_of(const Index& index, Engine /*same everywhere*/)
{
    Part part{.kind = "index", .name = index.name, .columns = index.included};
    for (const IndexPart& each : index.parts) {
        part.columns.push_back(each.column.empty() ? each.expression : each.column);
    }
    return part;
}

Part part_of(const Check& check, Engine /*same everywhere*/)
{
    return {.kind = "check", .name = check.name, .columns = check.columns};
}

Part part_of(const ForeignKey& key, Engine /*same everywhere*/)
{
    return {.kind = "foreign key", .name = key.name, .columns = key.columns};
}

/// What a trigger or a view is about is all that it names.
Part part_of(const Trigger& trigger, Engine engine)
{
    return {.kind = "trigger",
            .name = trigger.name,
            .columns = names_in(trigger.body, engine),
            .goes_with_columns = false};
}

Part part_of(const View& view, Engine engine)
{
    return {.kind = "view",
            .name = view.name.name,
            .columns = names_in(view.definition, engine),
            .goes_with_columns = false};
}

std::string shown(const Part& part, const Table& table)
{
    return part.kind + (part.name.empty() ? "" : " \"" + part.name + "\"") + " of table \"" +
           display(table.name) + "\"";
}

/// MySQL takes a dropped column out of the indexes over others too.
bool has_shrunk(const Index& before, const Index& after)
{
    return after.parts.size() < before.parts.size();
}

template <class Item> bool has_shrunk(const Item& /*unused*/, const Item& /*unused*/)
{
    return false;
}

/// A foreign key goes on referring to its table, whatever that is called.
bool refers_to_renamed(const ForeignKey& before, const ForeignKey& after,
                       const Mentioned& mentioned)
{
    ForeignKey followed = before;
    followed.referenced = after.referenced;
    return followed == after && mentioned.has(before.referenced.name);
}

template <class Item>
bool refers_to_renamed(const Item& /*unused*/, const Item& /*unused*/, const Mentioned& /*unused*/)
{
    return false;
}

class Comparison {
public:
    Comparison(const Table& table, const Mentioned& mentioned, Engine engine)
        : table_(table), mentioned_(mentioned), engine_(engine)
    {
    }

    template <class Item>
    void compare(const std::vector<Item>& before, const std::vector<Item>& after)
    {
        for (const Item& item : before) {
            const Item* same = find(after, item);
            if (same == nullptr) {
                gone_or_come(item, " has gone");
            } else if (!(*same == item)) {
                changed(item, *same);
            }
        }
        for (const Item& item : after) {
            if (find(before, item) == nullptr) {
                gone_or_come(item, " has come");
            }
        }
    }

    [[nodiscard]] std::vector<std::string> take() { return std::move(lines_); }

private:
    template <class Item> const Item* find(const std::vector<Item>& items, const Item& like) const
    {
        const Part part = part_of(like, engine_);
        const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) {
            return part.name.empty() ? is_the_same(item, like)
                                     : part_of(item, engine_).name == part.name;
        });
        return found == items.end() ? nullptr : &*found;
    }

    /// One without a name is told by all that it is.
    template <class Item> [[nodiscard]] bool is_the_same(const Item& a, const Item& b) const
    {
        return a == b || refers_to_renamed(a, b, mentioned_) || refers_to_renamed(b, a, mentioned_);
    }

    template <class Item> void gone_or_come(const Item& item, const char* what)
    {
        const Part part = part_of(item, engine_);
        const bool goes_along = part.goes_with_columns && mentioned_.all(part.columns);
        if (!mentioned_.has(part.name) && !goes_along) {
            lines_.push_back(shown(part, table_) + what);
        }
    }

    template <class Item> void changed(const Item& before, const Item& after)
    {
        const Part was = part_of(before, engine_);
        const Part is = part_of(after, engine_);
        if (refers_to_renamed(before, after, mentioned_)) {
            return;
        }
        const bool is_of_a_column = mentioned_.any(was.columns) || mentioned_.any(is.columns);
        if (!mentioned_.has(was.name) && (!is_of_a_column || has_shrunk(before, after))) {
            lines_.push_back(shown(is, table_) + " is not what it was");
        }
    }

    const Table& table_;
    const Mentioned& mentioned_;
    Engine engine_;
    std::vector<std::string> lines_;
};

/// What a build that failed has left is swept away with no word. SQLite counts the indexes of a
/// table's constraints: another one's coming or going gives them other numbers.
std::vector<Index> comparable(std::vector<Index> indexes)
{
    std::erase_if(indexes, [](const Index& index) { return !index.valid; });
    for (Index& index : indexes) {
        if (index.name.rfind("sqlite_autoindex_", 0) == 0) {
            index.name = index.known_as;
        }
    }
    return indexes;
}

/// Another table may stand under the name afterwards, and says so.
bool is_given_away(const std::string& name, const std::vector<std::string>& sql, Engine engine)
{
    return std::any_of(sql.begin(), sql.end(), [&](const std::string& statement) {
        return has_words(statement, "RENAME TABLE", engine) && mentions(statement, name, engine);
    });
}

} // namespace

std::vector<std::string> side_effects(const Table& before, const Table& after,
                                      const std::vector<std::string>& sql, Engine engine)
{
    if (is_given_away(before.name.name, sql, engine)) {
        return {};
    }
    const Mentioned mentioned(sql, engine);
    Comparison comparison(after, mentioned, engine);
    comparison.compare(before.columns, after.columns);
    comparison.compare(comparable(before.indexes), comparable(after.indexes));
    comparison.compare(before.checks, after.checks);
    comparison.compare(before.foreign_keys, after.foreign_keys);
    comparison.compare(before.triggers, after.triggers);
    comparison.compare(before.views, after.views);
    std::vector<std::string> lines = comparison.take();
    if (before.primary_key != after.primary_key && !mentioned.any(before.primary_key) &&
        !mentioned.any(after.primary_key)) {
        lines.push_back("the primary key of table \"" + display(after.name) +
                        "\" is not what it was");
    }
    return lines;
}

} // namespace sluice
