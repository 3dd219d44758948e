#include "sluice/core/nearest.h"
#include "sluice/migration/parts.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

namespace sluice {

namespace {

/// Reads each key into its place.
struct ReadKey {
    const Section& section;

    void operator()(const char* key, TableName& value) const { value = section.table_name(key); }

    void operator()(const char* key, std::string& value) const { value = section.name(key); }

    void operator()(const char* key, EngineText& value) const { value = section.sql(key); }

    void operator()(const char* key, std::optional<EngineText>& value) const
    {
        value = section.find_sql(key);
    }

    void operator()(const char* key, std::optional<bool>& value) const
    {
        value = section.find_flag(key);
    }

    void operator()(const char* key, bool& value) const
    {
        value = section.find_flag(key).value_or(value);
    }

    void operator()(const char* key, std::optional<std::string>& value) const
    {
        value = section.find_line(key);
    }

    void operator()(const char* key, std::vector<std::string>& value) const
    {
        value = section.find_names(key);
    }

    void operator()(const char* key, std::vector<EngineText>& value) const
    {
        value = section.find_sql_list(key);
    }

    void operator()(const char* key, std::vector<std::pair<std::string, EngineText>>& value) const
    {
        value = section.find_assignments(key);
    }

    template <class Part> void operator()(const char* key, std::vector<Part>& value) const;

    void operator()(const char* key, IntoColumn& value) const;
};

void require_with(const Section& section, const char* key, const char* other)
{
    if (section.has(key) && !section.has(other)) {
        section.fail_at(key, fmt::format("\"{}\" without \"{}\"", key, other),
                        fmt::format("`{0}` says where `{1}` may be evaluated: add `{1}`, or remove "
                                    "`{0}`.",
                                    key, other));
    }
}

void check(const Section& section, const AddColumnChange& /*change*/)
{
    require_with(section, "up_ok", "up");
}

void check(const Section& section, const RenameColumnChange& change)
{
    if (change.from == change.to) {
        section.fail_at("to", fmt::format("\"from\" and \"to\" are both \"{}\"", change.to),
                        "Give the column another name in `to`.");
    }
}

void check(const Section& section, const ChangeColumnChange& change)
{
    if (!change.type && !change.nullable && !change.default_sql && !change.collation &&
        !change.comment && !change.identity) {
        section.fail("[[change]] of kind \"change_column\" changes nothing",
                     "Give it a new type, nullable = true or false, a default, a collation, a "
                     "comment, or identity = true or false.");
    }
    require_with(section, "up_ok", "up");
    require_with(section, "down_ok", "down");
    const bool converts = change.type || (change.up && change.nullable == false);
    if (change.up && !converts) {
        section.fail_at("up", "\"up\" without anything to convert",
                        "Add `type`, or nullable = false, or remove `up`.");
    }
    if (change.down && !converts) {
        section.fail_at("down", "\"down\" without anything to convert",
                        "Add `type`, or nullable = false with `up`, or remove `down`.");
    }
}

void check(const Section& section, const DropColumnChange& /*change*/)
{
    require_with(section, "down_ok", "down");
}

void check(const Section& section, const AddIndexChange& change)
{
    if (change.columns.empty()) {
        section.fail("[[change]] of kind \"add_index\" has no \"columns\"",
                     "Write columns = [\"email\", \"created_at DESC\", \"(lower(name))\"].");
    }
}

void require_columns(const Section& section, const char* kind,
                     const std::vector<std::string>& columns)
{
    if (columns.empty()) {
        section.fail(fmt::format("[[change]] of kind \"{}\" has no \"columns\"", kind),
                     "Write columns = [\"customer_id\"].");
    }
}

void check(const Section& section, const AddForeignKeyChange& change)
{
    require_columns(section, AddForeignKeyChange::kind, change.columns);
}

void check(const Section& section, const AddUniqueChange& change)
{
    require_columns(section, AddUniqueChange::kind, change.columns);
}

void check(const Section& section, const RenameConstraintChange& change)
{
    if (change.from == change.to) {
        section.fail_at("to", fmt::format("\"from\" and \"to\" are both \"{}\"", change.to),
                        "Give the constraint another name in `to`.");
    }
}

void check(const Section& section, const CreateTableChange& change)
{
    if (change.columns.empty()) {
        section.fail("[[change]] of kind \"create_table\" has no \"columns\"",
                     "Write columns = [{ name = \"id\", type = \"bigint\" }, …].");
    }
    if (change.primary_key.empty()) {
        section.fail("[[change]] of kind \"create_table\" has no \"primary_key\"",
                     "Write primary_key = [\"id\"]: a table without a key cannot be walked in "
                     "batches, and a replica cannot follow it.");
    }
}

void check(const Section& section, const CopyTableChange& change)
{
    if (change.columns.empty() || change.primary_key.empty()) {
        section.fail("[[change]] of kind \"copy_table\" has no \"columns\" or no \"primary_key\"",
                     "Write columns = [{ name = \"id\", type = \"bigint\" }, …] and primary_key = "
                     "[\"id\"].");
    }
}

void check(const Section& section, const CopiedColumn& /*column*/)
{
    require_with(section, "value_ok", "value");
}

void check(const Section& section, const IndexDefinition& index)
{
    if (index.columns.empty()) {
        section.fail("an index without \"columns\"",
                     "Write columns = [\"email\", \"created_at DESC\"].");
    }
}

void check(const Section& section, const SplitColumnChange& change)
{
    if (change.into.size() < 2) {
        section.fail(
            "[[change]] of kind \"split_column\" has no two columns in \"into\"",
            "Write into = [{ name = \"first_name\", type = \"text\", up = \"…\" }, …]; what "
            "becomes one column is a rename_column or a change_column.");
    }
}

void check(const Section& section, const MergeColumnsChange& change)
{
    if (change.columns.size() < 2) {
        section.fail("[[change]] of kind \"merge_columns\" has no two \"columns\"",
                     "Write columns = [\"first_name\", \"last_name\"]; what was one column is "
                     "renamed or changed.");
    }
}

void check(const Section& section, const ChangeEnumChange& change)
{
    if (change.values.empty()) {
        section.fail("[[change]] of kind \"change_enum\" has no \"values\"",
                     "Write values = [\"new\", \"paid\", \"sent\"].");
    }
    for (const std::string& value : change.values) {
        if (std::count(change.values.begin(), change.values.end(), value) > 1) {
            section.fail_at("values", fmt::format("\"{}\" stands in \"values\" twice", value),
                            "Give each value once.");
        }
    }
}

void check(const Section& section, const SplitTableChange& change)
{
    require_columns(section, SplitTableChange::kind, change.columns);
}

void check(const Section& section, const MergeTablesChange& change)
{
    require_columns(section, MergeTablesChange::kind, change.columns);
}

void check(const Section& section, const MoveColumnChange& change)
{
    if (change.on.empty()) {
        section.fail(
            "[[change]] of kind \"move_column\" has no \"on\"",
            "Write on = { customer_id = \"id\" }: a column of the table, and the column of "
            "the other one that it leads to.");
    }
}

/// Any other kind: each key says by itself whether it is right.
template <class Kind> void check(const Section& /*section*/, const Kind& /*change*/) {}

template <class Kind> Kind read(const Section& section, std::vector<std::string> known)
{
    Kind change;
    Kind::each_key(change, [&known](const char* key, const auto&) { known.emplace_back(key); });
    section.accept_only(known, Kind::kind);
    Kind::each_key(change, ReadKey{section});
    check(section, change);
    return change;
}

template <class Part> void ReadKey::operator()(const char* key, std::vector<Part>& value) const
{
    for (const Section& part : section.sections(key)) {
        value.push_back(read<Part>(part, {}));
    }
}

void ReadKey::operator()(const char* key, IntoColumn& value) const
{
    const std::optional<Section> part = section.find_section(key);
    if (!part) {
        section.fail(
            fmt::format("[[change]] has no \"{}\"", key),
            fmt::format("Write {} = {{ name = \"full_name\", type = \"text\", up = \"…\" }}.",
                        key));
    }
    value = read<IntoColumn>(*part, {});
}

[[noreturn]] void fail_unknown(const Section& section, const std::string& kind)
{
    const std::optional<std::string> meant = nearest(kind, change_kinds());
    section.fail_at("kind", fmt::format("unknown kind \"{}\"", kind),
                    fmt::format("{}The kinds are {}; what none of them covers is written out as "
                                "[[expand]], [[backfill]], [[verify]] and [[contract]].",
                                meant ? fmt::format("Did you mean \"{}\"? ", *meant) : "",
                                listed(change_kinds())));
}

template <std::size_t N = 0> ChangeKind read_kind(const Section& section, const std::string& kind)
{
    if constexpr (N == std::variant_size_v<ChangeKind>) {
        fail_unknown(section, kind);
    } else {
        using Kind = std::variant_alternative_t<N, ChangeKind>;
        return kind == Kind::kind ? read<Kind>(section, {"kind"}) : read_kind<N + 1>(section, kind);
    }
}

/// The columns that no other change of the file may be about.
struct Targets {
    using Names = std::vector<std::string>;

    Names operator()(const RenameColumnChange& c) const { return {c.from, c.to}; }

    Names operator()(const SplitColumnChange& c) const
    {
        Names names = {c.column};
        for (const IntoColumn& into : c.into) {
            names.push_back(into.name);
        }
        return names;
    }

    Names operator()(const MergeColumnsChange& c) const
    {
        Names names = c.columns;
        names.push_back(c.into.name);
        return names;
    }

    Names operator()(const SplitTableChange& c) const { return c.columns; }

    Names operator()(const MergeTablesChange& c) const { return c.columns; }

    template <class Kind> Names operator()(const Kind& c) const
    {
        if constexpr (requires { c.column; }) {
            return {c.column};
        } else {
            return {};
        }
    }
};

} // namespace

Change read_change(const Section& section)
{
    if (!section.has("kind")) {
        section.fail("[[change]] has no \"kind\"",
                     fmt::format("Add kind = \"…\"; the kinds are {}.", listed(change_kinds())));
    }
    return {.kind = read_kind(section, section.name("kind")), .location = section.location()};
}

void check_targets(const std::vector<Change>& changes)
{
    std::map<std::pair<TableName, std::string>, int> lines;
    for (const Change& change : changes) {
        for (const std::string& column : std::visit(Targets{}, change.kind)) {
            const auto [known, is_new] =
                lines.emplace(std::pair(table_of(change), column), change.location.line);
            if (!is_new) {
                fail_definition(change.location,
                                fmt::format("column \"{}\" of table \"{}\" is changed twice, first "
                                            "by the [[change]] in line {}",
                                            column, display(table_of(change)), known->second),
                                "Put the second change into a migration of its own.");
            }
        }
    }
}

} // namespace sluice
