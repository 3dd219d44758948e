#include "sluice/plan/changes/new_table.h"

#include "sluice/plan/changes/index_part.h"
#include "sluice/plan/lookup.h"
#include "sluice/plan/refusals.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

class Maker {
public:
    Maker(const NewTable& asked, const Ground& ground) : asked_(asked), ground_(ground)
    {
        table_.name = new_table_name(ground.catalog, asked.name, ground.dialect, ground.location);
        table_.folds_case = ground.catalog.folds_case;
    }

    Table take()
    {
        for (const ColumnDefinition& column : asked_.columns) {
            add(column);
        }
        for (const std::string& column : asked_.primary_key) {
            require_key(column);
        }
        for (const IndexDefinition& index : asked_.indexes) {
            add(index);
        }
        return std::move(table_);
    }

private:
    [[nodiscard]] std::string text(const EngineText& given, const std::string& what) const
    {
        return require_text(given, ground_.dialect, what, ground_.location);
    }

    void add(const ColumnDefinition& asked)
    {
        refuse_name(table_, asked.name, ground_.dialect, ground_.location);
        Column column{.name = asked.name,
                      .type = ground_.dialect.parse_type(text(asked.type, "`type`")),
                      .nullable = asked.nullable && !asked.identity &&
                                  !contains(asked_.primary_key, asked.name),
                      .is_identity = asked.identity};
        column.default_sql =
            optional_text(asked.default_sql, ground_.dialect, "`default`", ground_.location);
        column.comment =
            optional_text(asked.comment, ground_.dialect, "`comment`", ground_.location)
                .value_or("");
        if (asked.identity && column.default_sql) {
            fail_at(ground_.location,
                    fmt::format("column \"{}\" numbers itself and has a default", asked.name),
                    "Leave out `default`, or `identity`.");
        }
        table_.columns.push_back(std::move(column));
    }

    void require_key(const std::string& column)
    {
        (void)require_column(table_, column, ground_.location);
        table_.primary_key.push_back(column);
    }

    void add(const IndexDefinition& asked)
    {
        Index index{.name = asked.name,
                    .unique = asked.unique,
                    .predicate =
                        optional_text(asked.where, ground_.dialect, "`where`", ground_.location)
                            .value_or("")};
        if (const auto why = ground_.dialect.name_refusal(asked.name)) {
            fail_at(ground_.location, fmt::format("\"{}\" {}", asked.name, *why),
                    "Give the index another name.");
        }
        for (const EngineText& column : asked.columns) {
            index.parts.push_back(part(text(column, "`columns`")));
        }
        table_.indexes.push_back(std::move(index));
    }

    [[nodiscard]] IndexPart part(const std::string& written) const
    {
        const auto part = parse_index_part(written, ground_.dialect.server().engine);
        if (!part) {
            fail_at(ground_.location, fmt::format("\"{}\" is no column of an index", written),
                    "Write a column as in CREATE INDEX: \"email\", \"created_at DESC\", "
                    "\"title(20)\", or an expression in parentheses: \"(lower(email))\".");
        }
        if (!part->column.empty()) {
            (void)require_column(table_, part->column, ground_.location);
        }
        return *part;
    }

    const NewTable& asked_;
    const Ground& ground_;
    Table table_;
};

} // namespace

Table table_of(const NewTable& asked, const Ground& ground)
{
    return Maker(asked, ground).take();
}

} // namespace sluice
