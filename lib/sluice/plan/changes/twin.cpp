#include "sluice/plan/changes/twin.h"

#include "sluice/db/tokens.h"
#include "sluice/plan/changes/rows.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/names.h"
#include "sluice/plan/simulate.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

bool is_part_of(const Index& index, const std::string& column)
{
    return contains(index.included, column) ||
           std::any_of(index.parts.begin(), index.parts.end(),
                       [&](const IndexPart& part) { return part.column == column; });
}

std::vector<Index> indexes_of(const Table& table, const std::string& column)
{
    std::vector<Index> found;
    std::copy_if(table.indexes.begin(), table.indexes.end(), std::back_inserter(found),
                 [&](const Index& index) { return is_part_of(index, column); });
    return found;
}

/// A constant that a column of this type accepts, until a trigger writes over it.
std::optional<std::string> placeholder(const Type& type, const Dialect& dialect)
{
    switch (type.family) {
    case TypeFamily::boolean:
    case TypeFamily::integer:
    case TypeFamily::decimal:
    case TypeFamily::floating:
    case TypeFamily::bits:
        return "0";
    case TypeFamily::text:
    case TypeFamily::bytes:
        return dialect.literal("");
    case TypeFamily::date:
        return dialect.literal("1970-01-02");
    case TypeFamily::time:
        return dialect.literal("00:00:00");
    case TypeFamily::timestamp:
    case TypeFamily::timestamp_tz:
        return dialect.literal("1970-01-02 00:00:00");
    case TypeFamily::uuid:
        return dialect.literal("00000000-0000-0000-0000-000000000000");
    case TypeFamily::json:
        return dialect.literal("null");
    case TypeFamily::enumeration:
        for (const Token& token : tokenize(type.sql, dialect.server().engine)) {
            if (token.kind == Token::Kind::string) {
                return token.text;
            }
        }
        return std::nullopt;
    case TypeFamily::interval:
    case TypeFamily::other:
        return std::nullopt;
    }
    return std::nullopt;
}

class TwinOutline {
public:
    TwinOutline(const Twin& twin, const Site& site)
        : twin_(twin)
        , site_(site)
        , key_(walking_key(site))
        , table_(site.table.name)
        , kept_(kept_name(twin.old.name, site.dialect))
        , old_(*altered(site.table, made_optional(twin.old, site)).find(twin.old.name))
    {
        twin_column_ = twin.next;
        twin_column_.name = twin.name;
        twin_column_.nullable = true;
        twin_column_.default_sql.reset();
    }

    [[nodiscard]] Outline take() const
    {
        Outline outline{.expand = {expand()},
                        .backfills = {backfill()},
                        .indexes = indexes(),
                        .verifications = {verification()},
                        .contract = {contract()},
                        .purge = {purge()},
                        .table = table_,
                        .columns = {twin_.old.name, twin_.next.name, twin_.name, kept_},
                        .reads = twin_.reads};
        if (!twin_.next.nullable) {
            outline.validations.push_back(
                {.table = table_,
                 .alterations = {SetNullability{table_, twin_column_, Nullability::not_null}},
                 .reason = fmt::format("\"{}\" is to be NOT NULL", twin_.next.name)});
        }
        add_notes(outline);
        return outline;
    }

private:
    [[nodiscard]] std::string quote(const std::string& name) const
    {
        return site_.dialect.quote(name);
    }

    /// The twin has the name it is to have from the beginning.
    [[nodiscard]] bool is_renamed() const { return twin_.name == twin_.next.name; }

    [[nodiscard]] bool is_plain_copy() const
    {
        return twin_.up.domain.empty() && twin_.up.expression == quote(twin_.old.name) &&
               twin_.old.type == twin_.next.type;
    }

    [[nodiscard]] std::string up() const
    {
        return is_plain_copy() ? twin_.up.expression
                               : site_.dialect.converted(twin_.up, twin_.next.type);
    }

    /// `down` over a row of the table, in which the new value stands under the twin's name.
    [[nodiscard]] std::string down() const
    {
        Conversion down = twin_.down;
        if (!twin_.down_sees.empty()) {
            down.expression = renamed(down.expression, twin_.down_sees, twin_.name, site_.dialect);
            down.domain = renamed(down.domain, twin_.down_sees, twin_.name, site_.dialect);
        }
        return site_.dialect.converted(down, twin_.old.type);
    }

    [[nodiscard]] Sync both() const
    {
        return {.name = site_.sync_name,
                .table = table_,
                .key = names_of(key_),
                .row = sync_row(site_, {old_, twin_column_}, key_, twin_.reads),
                .direction = SyncDirection::both,
                .old_column = twin_.old.name,
                .new_column = twin_.name,
                .old_type = twin_.old.type,
                .new_type = twin_.next.type,
                .up = twin_.up,
                .down = twin_.down,
                .down_sees = twin_.down_sees,
                .is_required = old_.nullable && !twin_.old.nullable};
    }

    [[nodiscard]] Sync reverse() const
    {
        Sync sync = both();
        Column kept = old_;
        kept.name = kept_;
        kept.nullable = kept.nullable || !keeps_not_null();
        sync.row = sync_row(site_, {kept, twin_.next}, key_, twin_.reads);
        std::erase_if(sync.row, [&](const Column& column) {
            return column.name == twin_.old.name && column.name != twin_.next.name;
        });
        sync.direction = SyncDirection::reverse;
        sync.old_column = kept_;
        sync.new_column = twin_.next.name;
        sync.up = {};
        sync.down_sees.clear();
        sync.is_required = false;
        return sync;
    }

    /// A kept column may stay NOT NULL where the trigger always has a value for it.
    [[nodiscard]] bool keeps_not_null() const
    {
        return !twin_.next.nullable && twin_.down.is_total && twin_.down.domain.empty();
    }

    [[nodiscard]] Group expand() const
    {
        Group group{.table = table_, .alterations = {AddColumn{table_, twin_column_}}};
        for (Alteration& alteration : made_optional(twin_.old, site_)) {
            group.alterations.emplace_back(std::move(alteration));
        }
        group.alterations.emplace_back(CreateSync{both()});
        group.reason = fmt::format("\"{}\" lives beside \"{}\", and triggers keep them in step",
                                   twin_.name, twin_.old.name);
        return group;
    }

    [[nodiscard]] Action backfill() const
    {
        const bool is_everywhere = twin_.up.is_total && twin_.up.domain.empty();
        return backfill_of(site_, key_, twin_.name, up(),
                           fmt::format("{} IS NULL AND {} IS NOT NULL", quote(twin_.name),
                                       is_everywhere ? quote(twin_.old.name) : up()));
    }

    [[nodiscard]] Action verification() const
    {
        const Dialect& dialect = site_.dialect;
        const std::string twin = quote(twin_.name);
        const std::string old = quote(twin_.old.name);
        std::string expect = fmt::format("NOT ({})", dialect.differs(twin, up(), twin_.next.type));
        if (!is_plain_copy()) {
            expect = fmt::format("({} OR NOT ({}))", expect,
                                 dialect.differs(old, down(), twin_.old.type));
        }
        if (!twin_.up.domain.empty()) {
            expect += fmt::format(" AND ({} IS NOT NULL OR {} IS NULL OR ({}))", twin, old,
                                  twin_.up.domain);
        }
        std::string about =
            fmt::format("\"{}\" is in step with \"{}\"", twin_.name, twin_.old.name);
        if (!twin_.next.nullable) {
            expect += fmt::format(" AND {} IS NOT NULL", twin);
            about += " and never NULL";
        }
        return verification_of(site_, key_, expect, about);
    }

    /// The index with another column in the old one's place.
    [[nodiscard]] Index moved(Index index, const std::string& column) const
    {
        index.definition.clear();
        std::replace(index.included.begin(), index.included.end(), twin_.old.name, column);
        for (IndexPart& part : index.parts) {
            part.column = part.column == twin_.old.name ? column : part.column;
        }
        return index;
    }

    [[nodiscard]] Index twin_index(const Index& index) const
    {
        Index copy = moved(index, twin_.name);
        copy.name = twin_index_name(index.name, site_.dialect);
        return copy;
    }

    [[nodiscard]] Index kept_index(const Index& index) const
    {
        Index kept = moved(index, kept_);
        kept.name = kept_index_name(index.name, site_.dialect);
        return kept;
    }

    [[nodiscard]] std::vector<Group> indexes() const
    {
        std::vector<Group> groups;
        for (const Index& index : indexes_of(site_.table, twin_.old.name)) {
            groups.push_back(
                {.table = table_,
                 .alterations = {CreateIndex{table_, twin_index(index)}},
                 .reason = fmt::format("it takes the place of \"{}\" at contract", index.name)});
        }
        return groups;
    }

    [[nodiscard]] Group contract() const
    {
        Group group{.table = table_, .alterations = {}};
        std::vector<Alteration>& swap = group.alterations;
        if (!old_.nullable && !keeps_not_null()) {
            swap.emplace_back(SetNullability{table_, old_, Nullability::nullable});
        }
        swap.emplace_back(RenameColumn{table_, twin_.old.name, kept_});
        if (!is_renamed()) {
            swap.emplace_back(RenameColumn{table_, twin_.name, twin_.next.name});
        }
        if (twin_.next.default_sql) {
            swap.emplace_back(SetDefault{table_, twin_.next, std::nullopt, twin_.next.default_sql});
        }
        for (const Index& index : indexes_of(site_.table, twin_.old.name)) {
            const Index kept = kept_index(index);
            swap.emplace_back(RenameIndex{table_, index.name, kept.name, index.is_constraint});
            swap.emplace_back(
                RenameIndex{table_, twin_index(index).name, index.name, index.is_constraint});
            if (index.unique) {
                swap.emplace_back(DropIndex{table_, kept}); // what it holds may not be unique
            }
        }
        swap.emplace_back(ReplaceSync{both(), reverse()});
        group.summary = fmt::format("put \"{}\" of \"{}\" in the place of \"{}\", which is kept "
                                    "until purge as \"{}\"",
                                    twin_.name, display(table_), twin_.old.name, kept_);
        group.reason =
            is_renamed()
                ? fmt::format("the application works with \"{}\" from here on", twin_.name)
                : fmt::format("\"{}\" is {} from here on", twin_.next.name, twin_.next.type.sql);
        return group;
    }

    [[nodiscard]] Group purge() const
    {
        Group group{.table = table_, .alterations = {DropSync{reverse()}}};
        Column kept = old_;
        kept.name = kept_;
        kept.nullable = kept.nullable || !keeps_not_null();
        group.alterations.emplace_back(DropColumn{table_, kept});
        group.reason =
            fmt::format("what contract kept of \"{}\" is no longer needed", twin_.old.name);
        return group;
    }

    void add_notes(Outline& outline) const
    {
        const std::string table = display(table_);
        outline.notes.push_back(
            fmt::format("Until contract, an INSERT into \"{}\" that gives NULL for \"{}\" and a "
                        "value for \"{}\" gets the value in both.",
                        table, twin_.name, twin_.old.name));
        for (const Alteration& alteration : made_optional(twin_.old, site_)) {
            if (std::holds_alternative<SetDefault>(alteration)) {
                outline.notes.push_back(fmt::format(
                    "From expand until purge \"{}\" of \"{}\" has a default, so that an INSERT "
                    "that names neither it nor \"{}\" no longer fails.",
                    twin_.old.name, table, twin_.name));
            }
        }
        const bool has_limits = !twin_.down.is_total || !twin_.down.domain.empty();
        if (has_limits && !old_.nullable) {
            outline.notes.push_back(fmt::format(
                "Until contract, a value of \"{}\" that \"{}\" cannot hold is refused, because "
                "\"{}\" is NOT NULL.",
                twin_.name, twin_.old.name, twin_.old.name));
        }
        outline.notes.push_back(
            fmt::format("After contract \"{}\" stands last in \"{}\", so that SELECT * gives the "
                        "columns in another order.",
                        twin_.next.name, table));
        if (is_renamed()) {
            outline.notes.push_back(
                fmt::format("From contract on nothing may name \"{}\" of \"{}\" "
                            "any more.",
                            twin_.old.name, table));
            return;
        }
        outline.notes.push_back(
            fmt::format("Statements that the application has prepared over \"{}\" are planned anew "
                        "at contract; a driver that keeps the types of results must reconnect.",
                        table));
    }

    const Twin& twin_;
    const Site& site_;
    std::vector<Column> key_;
    TableName table_;
    std::string kept_;
    Column old_;         ///< as it is from expand to contract
    Column twin_column_; ///< likewise
};

} // namespace

std::vector<Alteration> made_optional(const Column& old, const Site& site)
{
    if (old.nullable || old.default_sql) {
        return {};
    }
    switch (site.dialect.capabilities().required_column) {
    case RequiredColumn::filled_by_trigger:
        return {};
    case RequiredColumn::must_be_nullable:
        return {SetNullability{site.table.name, old, Nullability::nullable}};
    case RequiredColumn::needs_default:
        break;
    }
    const auto value = placeholder(old.type, site.dialect);
    if (!value) {
        refuse_at(site.location,
                  fmt::format("column \"{}\" is NOT NULL without a default, and there is no value "
                              "of type {} to put there until the triggers have filled it",
                              old.name, old.type.sql),
                  fmt::format("Give it a default in an earlier migration: ALTER TABLE {} ALTER "
                              "COLUMN {} SET DEFAULT …",
                              site.dialect.quote(site.table.name), site.dialect.quote(old.name)));
    }
    return {SetDefault{site.table.name, old, std::nullopt, *value}};
}

Outline outline_of(const Twin& twin, const Site& site)
{
    return TwinOutline(twin, site).take();
}

} // namespace sluice
