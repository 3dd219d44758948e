#include "sluice/db/sync_body.h"

#include "sluice/core/error.h"

namespace sluice {

namespace {

/// The n-th new column's value, and the n-th old one's.
std::string up_variable(std::size_t n)
{
    return n == 0 ? "sluice_up" : "sluice_up_" + std::to_string(n + 1);
}

std::string down_variable(std::size_t n)
{
    return n == 0 ? "sluice_down" : "sluice_down_" + std::to_string(n + 1);
}

/// The values of a shape at hand: the statements that compute them, those that then set the columns
/// to them, and whether a column holds another.
struct Operands {
    std::string prepare;
    std::string fill;
    std::string are_others; ///< boolean SQL
};

class Writer {
public:
    Writer(const Dialect& dialect, const Procedural& language, const Sync& sync)
        : dialect_(dialect), language_(language), sync_(sync), sql_(dialect, sync)
    {
    }

    [[nodiscard]] SyncBody both() const
    {
        const Operands up = ups("NEW");
        const Operands down = downs("NEW");
        const std::string fill_new = up.prepare + up.fill;
        const std::string fill_old = down.prepare + down.fill;

        SyncBody body;
        body.on_insert = "IF " + sql_.all_null(sync_.news, "NEW") + " THEN\n" + fill_new +
                         "ELSE\n" + up.prepare +
                         when(all_null_or(sync_.olds, up.are_others), fill_old) + "END IF;\n";
        body.on_update = "IF " + sql_.new_changed() + " THEN\n" + up.prepare + rest_filled() +
                         when(up.are_others, fill_old) + language_.else_if() + " " +
                         sql_.old_changed() + " THEN\n" + down.prepare +
                         when(down.are_others, fill_new) + rekeyed(fill_new) + "END IF;\n";
        return body;
    }

    [[nodiscard]] SyncBody forward() const
    {
        const SyncedColumn& column = sync_.news.front();
        const Operands up = ups("NEW");
        const Operand now = operand(sql_.up(column, "NEW"), up_variable(0));
        const Operand before = operand(sql_.up(column, "OLD"), down_variable(0));
        const std::string is_null = sql_.all_null(sync_.news, "NEW");
        const std::string sources = sql_.sources_changed();

        SyncBody body;
        body.on_insert = when(is_null, up.prepare + up.fill);
        const std::string recompute =
            sources.empty()
                ? std::string()
                : when(sources, up.prepare + before.prepare +
                                    when(differs(now.value, before.value, column), up.fill));
        const std::string key = sql_.key_changed();
        const std::string refill = key.empty()
                                       ? std::string()
                                       : when(is_null + " AND (" + key + ")", up.prepare + up.fill);
        body.on_update = when("NOT (" + sql_.new_changed() + ")", recompute + refill);
        return body;
    }

    [[nodiscard]] SyncBody reverse() const
    {
        const Operands down = downs("NEW");
        const std::string fill = down.prepare + down.fill;
        return {fill, when(sql_.new_changed(), fill)};
    }

    [[nodiscard]] SyncBody backward() const
    {
        const Operands down = downs("NEW");
        return {when(sql_.all_null(sync_.olds, "NEW"), down.prepare + down.fill), ""};
    }

private:
    /// A computed value at hand: the statement that computes it, and how to name it afterwards.
    struct Operand {
        std::string prepare;
        std::string value;
    };

    [[nodiscard]] Operand operand(const Computed& computed, const std::string& variable) const
    {
        if (computed.is_plain) {
            return {"", computed.sql};
        }
        return {language_.compute(variable, computed), variable};
    }

    [[nodiscard]] Operands ups(std::string_view row) const
    {
        std::vector<Operand> values;
        for (const SyncedColumn& each : sync_.news) {
            values.push_back(operand(sql_.up(each, row), up_variable(values.size())));
        }
        return operands(sync_.news, values);
    }

    [[nodiscard]] Operands downs(std::string_view row) const
    {
        std::vector<Operand> values;
        for (const SyncedColumn& each : sync_.olds) {
            values.push_back(operand(sql_.down(each, row), down_variable(values.size())));
        }
        return operands(sync_.olds, values);
    }

    [[nodiscard]] Operands operands(const std::vector<SyncedColumn>& columns,
                                    const std::vector<Operand>& values) const
    {
        Operands all;
        std::vector<std::string> tests;
        for (std::size_t n = 0; n < columns.size(); ++n) {
            const std::string column = sql_.column("NEW", columns[n].name);
            all.prepare += values[n].prepare;
            all.fill += language_.assign(column, values[n].value);
            tests.push_back(differs(column, values[n].value, columns[n]));
        }
        all.are_others = joined(tests, " OR ");
        return all;
    }

    [[nodiscard]] std::string differs(const std::string& a, const std::string& b,
                                      const SyncedColumn& column) const
    {
        return dialect_.differs(a, b, row_column(sync_, column.name).type);
    }

    [[nodiscard]] std::string all_null_or(const std::vector<SyncedColumn>& columns,
                                          const std::string& condition) const
    {
        const std::string nulls = sql_.all_null(columns, "NEW");
        return (columns.size() > 1 ? "(" + nulls + ")" : nulls) + " OR " + condition;
    }

    [[nodiscard]] static std::string when(const std::string& condition,
                                          const std::string& statements)
    {
        return statements.empty() ? "" : "IF " + condition + " THEN\n" + statements + "END IF;\n";
    }

    /// A row that no backfill has reached yet: what its writer did not give is filled first, or the
    /// old shape would lose it.
    [[nodiscard]] std::string rest_filled() const
    {
        if (sync_.news.size() < 2) {
            return {};
        }
        std::string filled;
        for (std::size_t n = 0; n < sync_.news.size(); ++n) {
            const SyncedColumn& each = sync_.news[n];
            const Operand up = operand(sql_.up(each, "NEW"), up_variable(n));
            filled += when("NOT (" + sql_.changed(row_column(sync_, each.name)) + ")",
                           language_.assign(sql_.column("NEW", each.name), up.value));
        }
        return when(sql_.all_null(sync_.news, "OLD"), filled);
    }

    /// A row that moved to another key may have left the reach of a backfill: it is filled at once.
    [[nodiscard]] std::string rekeyed(const std::string& fill) const
    {
        const std::string key = sql_.key_changed();
        if (key.empty()) {
            return {};
        }
        return language_.else_if() + " " + sql_.all_null(sync_.news, "NEW") + " AND (" + key +
               ") THEN\n" + fill;
    }

    const Dialect& dialect_;
    const Procedural& language_;
    const Sync& sync_;
    SyncSql sql_;
};

void refuse_late(const Sync& sync, const Conversion& conversion, Engine engine)
{
    for (const Column& column : columns_read(sync, conversion, engine)) {
        const bool is_late_identity = column.is_identity && engine == Engine::mysql;
        if (column.generated || is_late_identity) {
            throw Error(ErrorKind::refused,
                        "\"" + conversion.expression + "\" reads column \"" + column.name +
                            "\", which the database fills only after the trigger has run",
                        {.hint = "Compute the value from other columns, or write the phases out "
                                 "by hand: `sluice new sql`."});
        }
    }
}

} // namespace

SyncBody sync_body(const Dialect& dialect, const Procedural& language, const Sync& sync)
{
    const Writer writer(dialect, language, sync);
    switch (sync.direction) {
    case SyncDirection::both:
        return writer.both();
    case SyncDirection::forward:
        return writer.forward();
    case SyncDirection::reverse:
        return writer.reverse();
    case SyncDirection::backward:
        return writer.backward();
    }
    throw Error(ErrorKind::internal, "unknown direction of a sync");
}

std::vector<SyncVariable> sync_variables(const Sync& sync)
{
    std::vector<SyncVariable> variables;
    for (std::size_t n = 0; n < sync.news.size(); ++n) {
        variables.push_back({up_variable(n), &row_column(sync, sync.news[n].name)});
    }
    if (sync.direction == SyncDirection::forward) { // for what it was before
        variables.push_back({down_variable(0), &row_column(sync, sync.news.front().name)});
    }
    for (std::size_t n = 0; n < sync.olds.size(); ++n) {
        variables.push_back({down_variable(n), &row_column(sync, sync.olds[n].name)});
    }
    return variables;
}

void refuse_late_columns(const Sync& sync, Engine engine)
{
    for (const auto* columns : {&sync.news, &sync.olds}) {
        for (const SyncedColumn& each : *columns) {
            refuse_late(sync, each.value, engine);
        }
    }
}

} // namespace sluice
