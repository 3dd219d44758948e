// The column gets a twin of an enumeration with the new values. Values that are only added could be
// added in place, but none of the servers takes one away again without writing the table anew, so
// that there would be no way back.

#include "sluice/db/tokens.h"
#include "sluice/plan/changes/twin.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

using Names = std::vector<std::string>;

class Enumeration {
public:
    Enumeration(const ChangeEnumChange& change, const Site& site)
        : site_(site)
        , old_(require_column(site.table, change.column, site.location))
        , values_(change.values)
    {
        if (old_.type.family != TypeFamily::enumeration) {
            refuse_at(
                site.location,
                fmt::format("column \"{}\" of table \"{}\" is {}, which has no list of values",
                            old_.name, display(site.table.name), old_.type.sql),
                "What it may hold is said by a CHECK: drop_constraint and add_check.");
        }
        before_ = type_of_column();
        for (const auto& [value, text] : change.map) {
            add(value, require_text(text, site.dialect, "`map`", site.location));
        }
        if (values_ == before_.values && map_.empty()) {
            fail_at(site.location,
                    fmt::format("column \"{}\" of table \"{}\" has these values already", old_.name,
                                display(site.table.name)),
                    "Leave the change out.");
        }
    }

    [[nodiscard]] Outline take() const
    {
        if (site_.dialect.capabilities().enum_types == EnumTypes::of_column) {
            return with_notes(outline_of(twin(type_listing_values()), site_));
        }
        refuse_other_users();
        return with_notes(with_types(outline_of(twin(old_.type), site_)));
    }

private:
    [[nodiscard]] EnumType type_of_column() const
    {
        if (site_.dialect.capabilities().enum_types == EnumTypes::of_column) {
            return {.name = {}, .sql = old_.type.sql, .values = values_listed()};
        }
        const std::vector<EnumType>& all = site_.catalog.enums;
        const auto found = std::find_if(all.begin(), all.end(), [this](const EnumType& type) {
            return type.sql == old_.type.sql;
        });
        if (found == all.end()) {
            refuse_at(site_.location,
                      fmt::format("the values of type {} cannot be seen", old_.type.sql),
                      "Connect as a user who may use the type.");
        }
        return *found;
    }

    /// In the column's type, as literals.
    [[nodiscard]] Names values_listed() const
    {
        Names values;
        for (const Token& token : tokenize(old_.type.sql, site_.dialect.server().engine)) {
            if (token.kind == Token::Kind::string) {
                std::string value = token.text.substr(1, token.text.size() - 2);
                for (auto at = value.find("''"); at != std::string::npos;
                     at = value.find("''", at + 1)) {
                    value.erase(at, 1);
                }
                values.push_back(std::move(value));
            }
        }
        return values;
    }

    void add(const std::string& value, const std::string& becomes)
    {
        const auto fail = [this](const std::string& which, const Names& known) {
            fail_at(site_.location,
                    fmt::format("`map` has \"{}\", which is none of the {}values", which,
                                &known == &values_ ? "new " : "old "),
                    nearest_hint(which, known));
        };
        if (!contains(before_.values, value)) {
            fail(value, before_.values);
        }
        if (!contains(values_, becomes)) {
            fail(becomes, values_);
        }
        map_.emplace_back(value, becomes);
    }

    // --- values

    /// What an old value becomes; empty: it goes.
    [[nodiscard]] std::optional<std::string> next(const std::string& value) const
    {
        for (const auto& [from, to] : map_) {
            if (from == value) {
                return to;
            }
        }
        return contains(values_, value) ? std::optional(value) : std::nullopt;
    }

    /// What a new value is for the old version of the application; empty: nothing.
    [[nodiscard]] std::optional<std::string> previous(const std::string& value) const
    {
        if (contains(before_.values, value) && next(value) == value) {
            return value;
        }
        const auto found =
            std::find_if(before_.values.begin(), before_.values.end(),
                         [&](const std::string& each) { return next(each) == value; });
        return found == before_.values.end() ? std::nullopt : std::optional(*found);
    }

    /// Each of the values that becomes another one is told; the rest are themselves.
    [[nodiscard]] Conversion
    conversion(const Names& values,
               std::optional<std::string> (Enumeration::*way)(const std::string&) const) const
    {
        const Dialect& dialect = site_.dialect;
        const std::string text = dialect.cast(dialect.quote(old_.name), dialect.parse_type("text"));
        std::string cases;
        std::string domain;
        bool is_everywhere = true;
        for (const std::string& value : values) {
            const auto other = (this->*way)(value);
            is_everywhere = is_everywhere && other.has_value();
            if (other && *other != value) {
                cases += fmt::format(" WHEN {} THEN {}", dialect.literal(value),
                                     dialect.literal(*other));
            }
            if (other) {
                domain += (domain.empty() ? "" : ", ") + dialect.literal(value);
            }
        }
        return {.expression =
                    cases.empty() ? text : fmt::format("CASE {}{} ELSE {} END", text, cases, text),
                .domain = is_everywhere ? "" : fmt::format("{} IN ({})", text, domain),
                .is_total = true};
    }

    // --- the column

    [[nodiscard]] Type type_listing_values() const
    {
        std::string list;
        for (const std::string& value : values_) {
            list += (list.empty() ? "" : ",") + site_.dialect.literal(value);
        }
        return site_.dialect.parse_type("enum(" + list + ")");
    }

    /// The default as it is, but for its value.
    [[nodiscard]] std::optional<std::string> next_default() const
    {
        if (!old_.default_sql) {
            return std::nullopt;
        }
        const Engine engine = site_.dialect.server().engine;
        for (const Token& token : tokenize(*old_.default_sql, engine)) {
            for (const std::string& value : before_.values) {
                const auto other = next(value);
                if (token.kind == Token::Kind::string &&
                    token.text == site_.dialect.literal(value) && other) {
                    std::string sql = *old_.default_sql;
                    return sql.replace(token.begin, token.end - token.begin,
                                       site_.dialect.literal(*other));
                }
            }
        }
        fail_at(site_.location,
                fmt::format("column \"{}\" has the default {}, which is none of the new values",
                            old_.name, *old_.default_sql),
                "Say in `map` what it becomes, or give the column another default in an earlier "
                "migration: change_column with default = \"…\".");
    }

    [[nodiscard]] Twin twin(const Type& type) const
    {
        Column next = old_;
        next.type = type;
        next.default_sql = next_default();
        Twin twin{.old = old_,
                  .next = next,
                  .name = twin_name(old_.name, site_.dialect),
                  .up = conversion(before_.values, &Enumeration::next),
                  .down = conversion(values_, &Enumeration::previous),
                  .down_sees = old_.name,
                  .reads = {}};
        if (site_.dialect.capabilities().enum_types == EnumTypes::named) {
            twin.type_before = named(twin_name(before_.name.name, site_.dialect));
            twin.kept_type = named(kept_name(before_.name.name, site_.dialect));
        }
        return twin;
    }

    // --- the type

    [[nodiscard]] Type named(const std::string& name) const
    {
        Type type = old_.type;
        type.sql = site_.dialect.quote(TableName{before_.name.schema, name});
        return type;
    }

    [[nodiscard]] EnumType with_name(EnumType type, const std::string& name) const
    {
        type.name.name = name;
        type.sql = named(name).sql;
        return type;
    }

    [[noreturn]] void refuse_user(const std::string& user) const
    {
        refuse_at(
            site_.location,
            fmt::format("{} has the type {} too, or names a value of it", user, old_.type.sql),
            "Give that a type of its own, or drop it, in an earlier migration. A value that "
            "is only added can be added for good: [[expand]] sql = \"ALTER TYPE … ADD VALUE "
            "…\", undo = false.");
    }

    void refuse_other_users() const
    {
        if (!before_.users.empty()) {
            refuse_user("the " + before_.users.front());
        }
        for (const Table& table : site_.catalog.tables) {
            for (const Column& column : table.columns) {
                const bool has_it =
                    column.type.sql == before_.sql || column.type.sql == before_.sql + "[]";
                const bool is_part =
                    table.name == site_.table.name ||
                    std::find(site_.table.partitions.begin(), site_.table.partitions.end(),
                              table.name) != site_.table.partitions.end();
                if (has_it && !(is_part && column.name == old_.name)) {
                    refuse_user(fmt::format("column \"{}\" of table \"{}\"", column.name,
                                            display(table.name)));
                }
            }
        }
    }

    /// The types change their names together with the columns. The triggers of before and after
    /// name them, so that none of them may be there meanwhile.
    [[nodiscard]] Outline with_types(Outline outline) const
    {
        const TableName& table = site_.table.name;
        EnumType next = before_;
        next.values = values_;
        const EnumType early = with_name(next, twin_name(before_.name.name, site_.dialect));
        const EnumType kept = with_name(before_, kept_name(before_.name.name, site_.dialect));
        std::vector<Alteration>& expand = outline.expand.at(0).alterations;
        expand.insert(expand.begin(), CreateEnum{table, early, before_.name});
        for (Group& group : outline.contract) {
            const auto replace = std::find_if(
                group.alterations.begin(), group.alterations.end(),
                [](const Alteration& each) { return std::holds_alternative<ReplaceSync>(each); });
            if (replace == group.alterations.end()) {
                continue;
            }
            const ReplaceSync syncs = std::get<ReplaceSync>(*replace);
            *replace = CreateSync{syncs.to};
            const std::vector<Alteration> first{DropSync{syncs.from},
                                                RenameEnum{table, before_, kept},
                                                RenameEnum{table, early, next}};
            group.alterations.insert(group.alterations.begin(), first.begin(), first.end());
        }
        outline.purge.at(0).alterations.emplace_back(DropEnum{table, kept, before_.name});
        return outline;
    }

    [[nodiscard]] Outline with_notes(Outline outline) const
    {
        for (const std::string& value : before_.values) {
            if (!next(value)) {
                outline.notes.push_back(fmt::format(
                    "A row of \"{}\" with \"{}\" in \"{}\" stops the migration: `map` does not say "
                    "what it becomes.",
                    display(site_.table.name), value, old_.name));
            }
        }
        for (const std::string& value : values_) {
            if (!previous(value)) {
                outline.notes.push_back(
                    old_.nullable
                        ? fmt::format("Until contract the old version of the application sees NULL "
                                      "where the new one writes \"{}\".",
                                      value)
                        : fmt::format("Until contract nobody can write \"{}\": the old version of "
                                      "the application has no value for it, and \"{}\" is NOT "
                                      "NULL.",
                                      value, old_.name));
            }
        }
        return outline;
    }

    const Site& site_;
    const Column& old_;
    const Names& values_;
    EnumType before_;
    std::vector<std::pair<std::string, std::string>> map_;
};

} // namespace

Outline outline(const ChangeEnumChange& change, const Site& site)
{
    refuse_unwalkable(site.table, site.location);
    if (site.dialect.capabilities().enum_types == EnumTypes::none) {
        refuse_at(site.location,
                  fmt::format("the server has no enumerated types: what \"{}\" of table \"{}\" may "
                              "hold is said by a CHECK",
                              change.column, display(site.table.name)),
                  "Leave the change out here: a CHECK goes with drop_constraint, and comes with "
                  "add_check.");
    }
    return Enumeration(change, site).take();
}

} // namespace sluice
