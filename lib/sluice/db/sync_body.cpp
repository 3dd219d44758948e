#include "sluice/db/sync_body.h"

#include "sluice/core/error.h"
#include "sluice/db/sync_sql.h"

namespace sluice {

namespace {

/// A computed value at hand: the statement that computes it, and how to name it afterwards.
struct Operand {
    std::string prepare;
    std::string value;
};

class Writer {
public:
    Writer(const Dialect& dialect, const Procedural& language, const Sync& sync)
        : dialect_(dialect), language_(language), sync_(sync), sql_(dialect, sync)
    {
    }

    [[nodiscard]] SyncBody both() const
    {
        const Operand up = operand(sql_.up("NEW"), up_variable);
        const Operand down = operand(sql_.down("NEW"), down_variable);
        const std::string new_now = sql_.column("NEW", sync_.new_column);
        const std::string old_now = sql_.column("NEW", sync_.old_column);
        const std::string fill_new = up.prepare + language_.assign(new_now, up.value);
        const std::string fill_old = down.prepare + language_.assign(old_now, down.value);
        const std::string is_not_up = differs(new_now, up.value, sync_.new_column);
        const std::string is_not_down = differs(old_now, down.value, sync_.old_column);

        SyncBody body;
        body.on_insert = "IF " + new_now + " IS NULL THEN\n" + fill_new + "ELSE\n" + up.prepare +
                         when(old_now + " IS NULL OR " + is_not_up, fill_old) + "END IF;\n";
        body.on_update = "IF " + sql_.new_changed() + " THEN\n" + up.prepare +
                         when(is_not_up, fill_old) + language_.else_if() + " " +
                         sql_.old_changed() + " THEN\n" + down.prepare +
                         when(is_not_down, fill_new) + rekeyed(fill_new) + "END IF;\n";
        return body;
    }

    [[nodiscard]] SyncBody forward() const
    {
        const Operand up = operand(sql_.up("NEW"), up_variable);
        const Operand before = operand(sql_.up("OLD"), down_variable);
        const std::string new_now = sql_.column("NEW", sync_.new_column);
        const std::string fill = language_.assign(new_now, up.value);
        const std::string sources = sql_.sources_changed();

        SyncBody body;
        body.on_insert = when(new_now + " IS NULL", up.prepare + fill);
        const std::string recompute =
            sources.empty()
                ? std::string()
                : when(sources, up.prepare + before.prepare +
                                    when(differs(up.value, before.value, sync_.new_column), fill));
        const std::string key = sql_.key_changed();
        const std::string refill =
            key.empty() ? std::string()
                        : when(new_now + " IS NULL AND (" + key + ")", up.prepare + fill);
        body.on_update = when("NOT (" + sql_.new_changed() + ")", recompute + refill);
        return body;
    }

    [[nodiscard]] SyncBody reverse() const
    {
        const Operand down = operand(sql_.down("NEW"), down_variable);
        const std::string fill =
            down.prepare + language_.assign(sql_.column("NEW", sync_.old_column), down.value);
        return {fill, when(sql_.new_changed(), fill)};
    }

    [[nodiscard]] SyncBody backward() const
    {
        const Operand down = operand(sql_.down("NEW"), down_variable);
        const std::string old_now = sql_.column("NEW", sync_.old_column);
        return {when(old_now + " IS NULL", down.prepare + language_.assign(old_now, down.value)),
                ""};
    }

private:
    [[nodiscard]] Operand operand(const Computed& computed, const char* variable) const
    {
        if (computed.is_plain) {
            return {"", computed.sql};
        }
        return {computed.is_total ? language_.assign(variable, computed.sql)
                                  : language_.attempt(variable, computed.sql),
                variable};
    }

    [[nodiscard]] std::string differs(const std::string& a, const std::string& b,
                                      const std::string& column) const
    {
        return dialect_.differs(a, b, row_column(sync_, column).type);
    }

    [[nodiscard]] static std::string when(const std::string& condition,
                                          const std::string& statements)
    {
        return statements.empty() ? "" : "IF " + condition + " THEN\n" + statements + "END IF;\n";
    }

    /// A row that moved to another key may have left the reach of a backfill: it is filled at once.
    [[nodiscard]] std::string rekeyed(const std::string& fill) const
    {
        const std::string key = sql_.key_changed();
        if (key.empty()) {
            return {};
        }
        return language_.else_if() + " " + sql_.column("NEW", sync_.new_column) + " IS NULL AND (" +
               key + ") THEN\n" + fill;
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

void refuse_late_columns(const Sync& sync, Engine engine)
{
    refuse_late(sync, sync.up, engine);
    refuse_late(sync, sync.down, engine);
}

} // namespace sluice
