#include "sluice/plan/versions.h"

#include "sluice/db/tokens.h"
#include "sluice/migration/folder.h"
#include "sluice/plan/course.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/rendered_action.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace sluice {
namespace {

const ShownTable* find_shown(const VersionSchema& version, const TableName& table)
{
    const auto found = std::find_if(version.tables.begin(), version.tables.end(),
                                    [&](const ShownTable& each) { return each.table == table; });
    return found == version.tables.end() ? nullptr : &*found;
}

const ShownColumn* find_held(const ShownTable& shown, const std::string& column)
{
    const auto found =
        std::find_if(shown.columns.begin(), shown.columns.end(),
                     [&column](const ShownColumn& each) { return each.held_by == column; });
    return found == shown.columns.end() ? nullptr : &*found;
}

/// What an INSERT that leaves the column out must be given, so that it does what it will do after
/// contract. NULL: what the column has now is not what it is to have.
std::optional<std::string> default_of(const Column& now, const Column& last, Engine engine)
{
    const bool same = now.default_sql == last.default_sql;
    if (same || last.is_identity || last.generated) {
        return std::nullopt;
    }
    // The type that a value is cast to has another name until contract.
    const std::vector<Token> tokens = tokenize(last.default_sql.value_or("NULL"), engine);
    const bool is_value = last.type.family == TypeFamily::enumeration && now.type != last.type &&
                          tokens.front().kind == Token::Kind::string;
    return is_value ? tokens.front().text : last.default_sql.value_or("NULL");
}

bool holds_rows(const Table& table)
{
    return table.kind == TableKind::plain || table.kind == TableKind::partitioned ||
           table.kind == TableKind::foreign;
}

bool has_row_security(const Table& table)
{
    return contains(table.settings, "ENABLE ROW LEVEL SECURITY");
}

class Making {
public:
    Making(const Migration& migration, const Course& course, const Catalog& catalog,
           const Dialect& dialect)
        : migration_(migration)
        , course_(course)
        , catalog_(catalog)
        , dialect_(dialect)
        , location_{.file = migration.file}
    {
        refuse_written_phases();
        made_.version = contracted_.version = migration.version;
        made_.of = contracted_.of = schema_of_tables();
        made_.name = contracted_.name = version_schema(made_.of, migration.version, dialect);
        refuse_taken_name();
        before_ = version_before();
        refuse_held_otherwise();
    }

    void run()
    {
        for (const Table& table : catalog_.tables) {
            if (is_of_schema(table)) {
                show(course_.of(table));
            }
        }
        for (const Followed& followed : course_.tables()) {
            if (catalog_.find(followed.after_expand.name) == nullptr) {
                show(followed);
            }
        }
        for (VersionSchema* version : {&made_, &contracted_}) {
            std::sort(version->tables.begin(), version->tables.end(),
                      [](const ShownTable& a, const ShownTable& b) { return a.name < b.name; });
            version->grants = rights_on("");
        }
    }

    [[nodiscard]] const VersionSchema& made() const { return made_; }

    [[nodiscard]] const VersionSchema& contracted() const { return contracted_; }

private:
    void refuse_written_phases() const
    {
        if (!migration_.expand.empty() || !migration_.contract.empty()) {
            refuse_at(location_,
                      "what statements written out leave of the tables is not known, so that no "
                      "views of it can be made",
                      "Leave `views` out; or say with [[change]] what is to change, and put the "
                      "statements into a migration of their own.");
        }
    }

    /// MySQL names the tables without it.
    [[nodiscard]] std::string schema_of_tables() const
    {
        std::string schema =
            catalog_.search_path.empty() ? std::string() : catalog_.search_path.front();
        if (!course_.tables().empty()) {
            schema = course_.tables().front().after_expand.name.schema;
        }
        for (const Followed& followed : course_.tables()) {
            if (followed.after_expand.name.schema != schema) {
                refuse_at(location_,
                          fmt::format("the migration is about tables of two schemas, \"{}\" and "
                                      "\"{}\", and its views are those of one",
                                      schema, followed.after_expand.name.schema),
                          "Make it two migrations.");
            }
        }
        return schema.empty() ? catalog_.own_schema : schema;
    }

    void refuse_taken_name() const
    {
        if (contains(catalog_.schemas, made_.name)) {
            refuse_at(location_, fmt::format("there is a schema \"{}\" already", made_.name),
                      "Drop it, if it was left behind, or rename it; or give the file another "
                      "version.");
        }
    }

    /// The newest of those that came before.
    [[nodiscard]] const VersionSchema* version_before() const
    {
        const VersionSchema* newest = nullptr;
        for (const VersionSchema& each : catalog_.versions) {
            const bool is_before =
                each.of == made_.of && compare_versions(each.version, migration_.version) < 0;
            if (is_before &&
                (newest == nullptr || compare_versions(newest->version, each.version) < 0)) {
                newest = &each;
            }
        }
        return newest;
    }

    /// When that one is contracted, nobody would tell these views where the column has gone.
    void refuse_held_otherwise() const
    {
        if (before_ == nullptr || !dialect_.capabilities().views_go_by_name) {
            return;
        }
        for (const ShownTable& shown : before_->tables) {
            for (const ShownColumn& column : shown.columns) {
                if (is_reserved(column.held_by)) {
                    refuse_at(location_,
                              fmt::format("column \"{}\" of \"{}\" gets its name only when "
                                          "migration \"{}\" is contracted, and a view here goes "
                                          "by the name",
                                          column.name, shown.name, before_->version),
                              fmt::format("`sluice contract {}` comes first.", before_->version));
                }
            }
        }
    }

    [[nodiscard]] bool is_of_schema(const Table& table) const
    {
        const bool is_in = table.name.schema.empty() || table.name.schema == made_.of;
        // On an engine that goes by names, a table's second name is a view that a view may read.
        const bool is_shown = before_ != nullptr && find_shown(*before_, table.name) != nullptr;
        return is_in && (holds_rows(table) || is_shown) && !is_reserved(table.name.name);
    }

    void show(const Followed& followed)
    {
        const Table& table = followed.after_expand;
        const ShownTable* before = before_ == nullptr ? nullptr : find_shown(*before_, table.name);
        const bool was_hidden = before_ != nullptr && contains(before_->hidden, table.name.name);
        if (followed.is_put_aside() || was_hidden) {
            made_.hidden.push_back(table.name.name);
            if (!followed.is_put_aside()) {
                contracted_.hidden.push_back(table.name.name);
            }
            return;
        }
        refuse_unguarded(table);
        const TableName& last = followed.after_contract.name;
        const bool goes_by_name = dialect_.capabilities().views_go_by_name;
        if (goes_by_name && last != table.name) {
            made_.hidden.push_back(table.name.name); // it has its second name already
        }
        ShownTable shown{.name = before == nullptr || last != table.name ? last.name : before->name,
                         .table = goes_by_name ? last : table.name,
                         .grants = rights_on(table.name.name)};
        ShownTable contracted = shown;
        contracted.table = last;
        for (const Column& column : table.columns) {
            show(column, followed, before, shown, contracted);
        }
        made_.tables.push_back(std::move(shown));
        contracted_.tables.push_back(std::move(contracted));
    }

    void show(const Column& column, const Followed& followed, const ShownTable* before,
              ShownTable& shown, ShownTable& contracted) const
    {
        const ShownColumn* known = before == nullptr ? nullptr : find_held(*before, column.name);
        const Column* last = followed.last(column.name);
        const bool was_hidden =
            before != nullptr && known == nullptr && contains(before->hidden, column.name);
        if (last == nullptr && known != nullptr && followed.names.at(column.name) == column.name) {
            last = &column; // an earlier migration gives it its name
        }
        if (last == nullptr || was_hidden) {
            if (!is_reserved(column.name)) {
                shown.hidden.push_back(column.name);
            }
            if (last != nullptr) {
                contracted.hidden.push_back(last->name);
            }
            return;
        }
        const bool is_renamed = last->name != column.name;
        ShownColumn made{.name = known != nullptr && !is_renamed ? known->name : last->name,
                         .held_by = column.name,
                         .default_sql = default_of(column, *last, dialect_.server().engine),
                         .grants = has_row_security(followed.after_expand)
                                       ? std::vector<std::string>()
                                       : column.grants};
        if (!made.default_sql && known != nullptr && !column.default_sql) {
            made.default_sql = known->default_sql;
        }
        shown.columns.push_back(made);
        made.held_by = last->name;
        made.default_sql = is_renamed || known == nullptr ? std::nullopt : known->default_sql;
        contracted.columns.push_back(std::move(made));
    }

    void refuse_unguarded(const Table& table) const
    {
        if (!dialect_.capabilities().views_keep_row_security && has_row_security(table)) {
            refuse_at(location_,
                      fmt::format("table \"{}\" has row-level security, which this server does "
                                  "not keep to through a view",
                                  display(table.name)),
                      "Update the server to PostgreSQL 15, or leave `views` out.");
        }
    }

    [[nodiscard]] std::vector<std::string> rights_on(const std::string& table) const
    {
        std::vector<std::string> grants;
        for (const Right& right : catalog_.rights) {
            if (right.table == table) {
                grants.push_back(right.grant);
            }
        }
        return grants;
    }

    const Migration& migration_;
    const Course& course_;
    const Catalog& catalog_;
    const Dialect& dialect_;
    Location location_;
    VersionSchema made_;
    VersionSchema contracted_;
    const VersionSchema* before_ = nullptr;
};

/// Does it show what contract puts aside, or gives another meaning?
bool is_ended(const VersionSchema& version, const Course& course,
              const std::vector<TableName>& whole_tables, const Catalog& catalog)
{
    for (const ShownTable& shown : version.tables) {
        const Table* table = catalog.find(shown.table);
        if (table == nullptr) {
            continue;
        }
        const Followed followed = course.of(*table);
        const bool is_other =
            std::find(whole_tables.begin(), whole_tables.end(), table->name) != whole_tables.end();
        const bool loses_column =
            std::any_of(shown.columns.begin(), shown.columns.end(), [&](const ShownColumn& each) {
                const auto name = followed.names.find(each.held_by);
                return name != followed.names.end() && name->second != each.held_by;
            });
        if (is_other || loses_column || followed.is_put_aside()) {
            return true;
        }
    }
    return false;
}

/// A view that goes by names reads whatever table has them.
std::vector<TableName> tables_that_change_names(const std::vector<Outline>& outlines,
                                                const Dialect& dialect)
{
    std::vector<TableName> tables;
    if (dialect.capabilities().views_go_by_name) {
        for (const Outline& outline : outlines) {
            std::copy(outline.whole_tables.begin(), outline.whole_tables.end(),
                      std::back_inserter(tables));
        }
    }
    return tables;
}

void add(Draft& draft, Phase phase, Rendered rendered, const std::string& reason)
{
    draft.add(action_of(phase, std::move(rendered), reason));
}

} // namespace

Versions versions_of(const Migration& migration, const std::vector<Outline>& outlines,
                     const Catalog& catalog, const Dialect& dialect)
{
    Versions versions;
    if (!migration.views && catalog.versions.empty()) {
        return versions;
    }
    const Course course(outlines, catalog, dialect);
    const std::vector<TableName> renamed = tables_that_change_names(outlines, dialect);
    for (const VersionSchema& version : catalog.versions) {
        if (version.version != migration.version && is_ended(version, course, renamed, catalog)) {
            versions.ended.push_back(version);
        }
    }
    if (migration.views) {
        Making making(migration, course, catalog, dialect);
        making.run();
        versions.made = making.made();
        versions.contracted = making.contracted();
    }
    return versions;
}

void add_version_made(Draft& draft, const Versions& versions)
{
    if (versions.made) {
        add(draft, Phase::expand, draft.dialect().create_version(*versions.made),
            "the new version of the application finds every table in it as contract will leave "
            "it");
    }
}

void add_versions_before_swap(Draft& draft, const Versions& versions)
{
    for (const VersionSchema& version : versions.ended) {
        add(draft, Phase::contract, draft.dialect().put_version_aside(version),
            "its views show what is put aside");
        draft.note(fmt::format("Contract ends the version of migration \"{}\": from then on nobody "
                               "may use \"{}\" any more.",
                               version.version, version.name));
    }
    if (versions.made) {
        for (Rendered& rendered :
             draft.dialect().before_version_swap(*versions.made, *versions.contracted)) {
            add(draft, Phase::contract, std::move(rendered), "");
        }
    }
}

void add_versions_after_swap(Draft& draft, const Versions& versions)
{
    if (versions.made) {
        for (Rendered& rendered :
             draft.dialect().after_version_swap(*versions.made, *versions.contracted)) {
            add(draft, Phase::contract, std::move(rendered), "");
        }
    }
}

void add_versions_purged(Draft& draft, const Versions& versions)
{
    for (const VersionSchema& version : versions.ended) {
        add(draft, Phase::purge, draft.dialect().drop_kept_version(version),
            "what contract kept of it is no longer needed");
    }
}

} // namespace sluice
