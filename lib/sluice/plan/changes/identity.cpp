// Where a sequence numbers a column already, the identity goes on with it: the old version of the
// application sees no difference, so it comes in expand. Where the application gives the numbers
// itself, two of them would be given twice while both do: identity begins with contract. It ends
// with contract too, because the old version of the application counts on it.

#include "sluice/plan/changes/identity.h"

#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

class Identity {
public:
    Identity(const ChangeColumnChange& change, const Site& site)
        : site_(site)
        , table_(site.table.name)
        , old_(require_column(site.table, change.column, site.location))
    {
        if (change.type || change.nullable || change.default_sql || change.up || change.down ||
            change.collation || change.comment) {
            fail_at(site.location,
                    fmt::format("column \"{}\" is given `identity` and something else", old_.name),
                    "Put `identity` into a [[change]] of its own, in a migration of its own.");
        }
    }

    [[nodiscard]] Outline come() const
    {
        if (old_.is_identity) {
            refuse_at(site_.location,
                      fmt::format("column \"{}\" of table \"{}\" numbers itself already", old_.name,
                                  display(table_)),
                      "Leave the change out.");
        }
        return is_numbered() ? from_default() : from_nothing();
    }

    [[nodiscard]] Outline go() const
    {
        if (!old_.is_identity) {
            fail_at(site_.location,
                    fmt::format("column \"{}\" of table \"{}\" is no identity", old_.name,
                                display(table_)),
                    is_numbered() ? "A default goes with default = \"NULL\"."
                                  : "Leave the change out.");
        }
        Column next = old_;
        next.is_identity = false;
        next.sequences.clear();
        Outline outline = empty();
        Group group{.table = table_, .alterations = {}};
        group.reason = "from here on the application gives the number";
        TableName kept;
        if (!old_.sequences.empty()) {
            const TableName& sequence = old_.sequences[0].name;
            kept = {sequence.schema, kept_name(sequence.name, site_.dialect)};
            group.alterations.emplace_back(KeepNumbers{table_, old_, kept});
            outline.purge.push_back({.table = table_,
                                     .alterations = {ForgetNumbers{table_, old_, kept}},
                                     .reason = "what kept the place of the numbering is no longer "
                                               "needed"});
        }
        group.alterations.emplace_back(SetIdentity{table_, old_, next, kept});
        outline.contract.push_back(std::move(group));
        outline.notes.push_back(fmt::format(
            "A rollback of contract goes on numbering \"{}\" after the last number of the sequence "
            "and the greatest one in the table.",
            old_.name));
        return outline;
    }

private:
    [[nodiscard]] Outline empty() const { return {.table = table_, .columns = {old_.name}}; }

    [[nodiscard]] bool is_numbered() const { return old_.default_sql && !old_.sequences.empty(); }

    void refuse_shared_sequence() const
    {
        const Sequence& own = old_.sequences[0];
        if (!own.is_owned) {
            refuse_at(site_.location,
                      fmt::format("the sequence \"{}\" that numbers \"{}\" does not belong to it",
                                  display(own.name), old_.name),
                      fmt::format("If nothing else asks it, say so in an earlier migration: ALTER "
                                  "SEQUENCE {} OWNED BY {}.{}.",
                                  site_.dialect.quote(own.name), site_.dialect.quote(table_),
                                  site_.dialect.quote(old_.name)));
        }
        for (const Table& table : site_.catalog.tables) {
            for (const Column& column : table.columns) {
                const bool is_itself = table.name == table_ && column.name == old_.name;
                const bool asks = std::any_of(
                    column.sequences.begin(), column.sequences.end(),
                    [&own](const Sequence& sequence) { return sequence.name == own.name; });
                if (asks && !is_itself) {
                    refuse_at(site_.location,
                              fmt::format("column \"{}\" of table \"{}\" is numbered by the "
                                          "sequence of \"{}\" too",
                                          column.name, display(table.name), old_.name),
                              "Give it a sequence of its own in an earlier migration.");
                }
            }
        }
    }

    [[nodiscard]] Outline from_default() const
    {
        refuse_shared_sequence();
        Column next = old_;
        next.default_sql.reset();
        next.is_identity = true;
        next.sequences[0].identity = "BY DEFAULT";
        next.sequences[0].type = next.type.sql;
        Outline outline = empty();
        outline.expand.push_back({.table = table_,
                                  .alterations = {SetIdentity{table_, old_, next, {}}},
                                  .reason = fmt::format("the numbering goes on where \"{}\" is",
                                                        display(old_.sequences[0].name))});
        outline.notes.push_back(fmt::format(
            "The sequence \"{}\" is made anew under its name, with its place and its rights: a "
            "session that has asked it before has to ask it once more before currval and lastval.",
            display(old_.sequences[0].name)));
        return outline;
    }

    [[nodiscard]] Outline from_nothing() const
    {
        refuse_unready();
        Column next = old_;
        next.is_identity = true;
        Outline outline = empty();
        outline.contract.push_back({.table = table_,
                                    .alterations = {SetIdentity{table_, old_, next, {}}},
                                    .reason = "numbers begin after the greatest one"});
        outline.notes.push_back(fmt::format(
            "Until contract every version of the application gives \"{}\" itself; one that goes on "
            "doing so afterwards meets the numbers that the table gives.",
            old_.name));
        return outline;
    }

    void refuse_unready() const
    {
        if (old_.type.family != TypeFamily::integer || old_.generated) {
            refuse_at(site_.location,
                      fmt::format("column \"{}\" of table \"{}\" is {}, which cannot number itself",
                                  old_.name, display(table_),
                                  old_.generated ? "generated" : old_.type.sql),
                      "Change its type to an integer in an earlier migration.");
        }
        if (old_.default_sql) {
            refuse_at(site_.location,
                      fmt::format("column \"{}\" has the default {}", old_.name, *old_.default_sql),
                      "Drop it in an earlier migration: change_column with default = \"NULL\".");
        }
        if (old_.nullable) {
            refuse_at(site_.location, fmt::format("column \"{}\" may be NULL", old_.name),
                      "Make it NOT NULL in an earlier migration: set_not_null.");
        }
        const auto begins = [this](const Index& index) {
            return index.predicate.empty() && !index.parts.empty() &&
                   index.parts[0].column == old_.name;
        };
        const std::vector<Index>& indexes = site_.table.indexes;
        const bool is_key =
            !site_.table.primary_key.empty() && site_.table.primary_key[0] == old_.name;
        if (!is_key && std::none_of(indexes.begin(), indexes.end(), begins)) {
            refuse_at(site_.location,
                      fmt::format("no index begins with \"{}\": to find its greatest value the "
                                  "whole table would be read while nobody else may",
                                  old_.name),
                      "Add an index in an earlier migration: add_index.");
        }
    }

    const Site& site_;
    const TableName& table_;
    const Column& old_;
};

} // namespace

Outline identity_outline(const ChangeColumnChange& change, const Site& site)
{
    const Identity identity(change, site);
    return *change.identity ? identity.come() : identity.go();
}

} // namespace sluice
