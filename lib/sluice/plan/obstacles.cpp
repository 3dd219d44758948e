#include "sluice/plan/obstacles.h"

#include "sluice/db/tokens.h"
#include "sluice/plan/lookup.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

const char* const write_it_out =
    "Write the phases out with [[expand]], [[backfill]] and [[contract]] instead.";

std::optional<Obstacle> key_obstacle(const Table& table, const std::string& column)
{
    if (contains(table.primary_key, column)) {
        return Obstacle{"it is part of the primary key",
                        "Add a new key column beside it in a migration of its own, or write the "
                        "phases out with [[expand]], [[backfill]] and [[contract]]."};
    }
    for (const ForeignKey& key : table.foreign_keys) {
        if (contains(key.columns, column)) {
            return Obstacle{fmt::format("it is part of the foreign key \"{}\"", key.name),
                            "Drop the foreign key in an earlier migration and add it again in a "
                            "later one."};
        }
    }
    for (const ForeignKey& key : table.referenced_by) {
        if (contains(key.columns, column)) {
            return Obstacle{fmt::format("the foreign key \"{}\" of table \"{}\" refers to it",
                                        key.name, display(key.referenced)),
                            "Drop that foreign key in an earlier migration and add it again in a "
                            "later one."};
        }
    }
    return std::nullopt;
}

std::optional<Obstacle> definition_obstacle(const Table& table, const Column& column, Engine engine)
{
    if (column.is_identity) {
        return Obstacle{"it numbers itself (identity, auto-increment)", write_it_out};
    }
    if (column.generated) {
        return Obstacle{"it is a generated column",
                        "Add a column with the new expression and drop this one, in two "
                        "migrations."};
    }
    if (mentions(table.partition_key, column.name, engine)) {
        return Obstacle{"the table is partitioned by it",
                        "Make a table that is partitioned otherwise with copy_table."};
    }
    for (const Column& other : table.columns) {
        if (other.generated && mentions(*other.generated, column.name, engine)) {
            return Obstacle{
                fmt::format("the generated column \"{}\" is computed from it", other.name),
                "Drop the generated column in an earlier migration and add it again "
                "in a later one."};
        }
    }
    for (const Check& check : table.checks) {
        if (contains(check.columns, column.name)) {
            return Obstacle{fmt::format("the CHECK \"{}\" mentions it", check.name),
                            "Drop the CHECK in an earlier migration and add it again in a later "
                            "one."};
        }
    }
    return std::nullopt;
}

bool has_expression_over(const Index& index, const std::string& column, Engine engine)
{
    return mentions(index.predicate, column, engine) ||
           std::any_of(index.parts.begin(), index.parts.end(), [&](const IndexPart& part) {
               return part.column.empty() && mentions(part.expression, column, engine);
           });
}

bool is_over(const Index& index, const std::string& column)
{
    return std::any_of(index.parts.begin(), index.parts.end(),
                       [&column](const IndexPart& part) { return part.column == column; });
}

std::optional<Obstacle> index_obstacle(const Table& table, const std::string& column, Engine engine)
{
    for (const Index& index : table.indexes) {
        const std::string out =
            fmt::format("Drop the index \"{}\" in an earlier migration and make it again in a "
                        "later one.",
                        index.name);
        if (has_expression_over(index, column, engine)) {
            return Obstacle{fmt::format("the index \"{}\" is partial or over an expression that "
                                        "mentions it",
                                        index.name),
                            out};
        }
        const auto names_index = [&](const std::string& setting) {
            return mentions(setting, index.name, engine) && is_over(index, column);
        };
        if (std::any_of(table.settings.begin(), table.settings.end(), names_index)) {
            return Obstacle{fmt::format("the index \"{}\" over it is the table's replica "
                                        "identity, or its rows are clustered by it",
                                        index.name),
                            "Choose another index for that in an earlier migration."};
        }
        const bool is_exclusion =
            index.is_constraint && !index.unique && mentions(index.definition, column, engine);
        if (is_exclusion) {
            return Obstacle{fmt::format("the exclusion constraint \"{}\" mentions it", index.name),
                            out};
        }
    }
    return std::nullopt;
}

std::optional<Obstacle> reader_obstacle(const Table& table, const std::string& column,
                                        Engine engine)
{
    for (const View& view : table.views) {
        if (view.columns.empty() || contains(view.columns, column)) {
            return Obstacle{fmt::format("the view \"{}\" reads it", display(view.name)),
                            "Drop the view in an earlier migration and make it again in a later "
                            "one."};
        }
    }
    for (const Dependent& dependent : table.dependents) {
        if (contains(dependent.columns, column) || mentions(dependent.definition, column, engine)) {
            return Obstacle{fmt::format("the {} \"{}\" names it", dependent.kind, dependent.name),
                            fmt::format("Drop the {} in an earlier migration and make it again in "
                                        "a later one.",
                                        dependent.kind)};
        }
    }
    for (const Trigger& trigger : table.triggers) {
        if (!mentions(trigger.body, column, engine)) {
            continue;
        }
        if (trigger.name.find("sluice_") != std::string::npos) {
            return Obstacle{"an earlier migration that changes it is not finished",
                            "Finish that one first: `sluice status`, then `sluice contract` and "
                            "`sluice purge`."};
        }
        return Obstacle{fmt::format("the trigger \"{}\" mentions it", trigger.name),
                        "Rewrite the trigger in an earlier migration so that it does without the "
                        "column."};
    }
    return std::nullopt;
}

} // namespace

std::optional<Obstacle> obstacle(const Table& table, const Column& column, Engine engine)
{
    if (auto found = key_obstacle(table, column.name)) {
        return found;
    }
    if (auto found = definition_obstacle(table, column, engine)) {
        return found;
    }
    if (auto found = index_obstacle(table, column.name, engine)) {
        return found;
    }
    return reader_obstacle(table, column.name, engine);
}

} // namespace sluice
