#include "sluice/backfill/work_sql.h"

#include "sluice/backfill/keyset.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace sluice {

namespace {

WorkSql update_sql(const Dialect& dialect, const BackfillWork& work)
{
    std::string assignments;
    for (const auto& [column, expression] : work.set) {
        // The line break ends a comment that the expression may end with.
        assignments += fmt::format("{}{} = ({}\n)", assignments.empty() ? "" : ", ",
                                   dialect.quote(column), expression);
    }
    return {.before = fmt::format("UPDATE {} SET {}", dialect.quote(work.table), assignments),
            .after = and_needs_work(work)};
}

WorkSql insert_sql(const Dialect& dialect, const BackfillWork& work)
{
    const InsertFrame frame = dialect.insert_missing({.source = work.table,
                                                      .target = work.into.value(),
                                                      .set = work.set,
                                                      .target_key = work.into_key});
    return {.before = frame.before + " FROM " + dialect.quote(work.table),
            .after = fmt::format("{} ORDER BY {}{}", and_needs_work(work),
                                 order_by_key(dialect, work.table, work.key), frame.after)};
}

bool is_itself(const std::string& column, std::string_view expression)
{
    if (expression.size() > 2 && expression.front() == '`' && expression.back() == '`') {
        expression = expression.substr(1, expression.size() - 2);
    }
    return expression == column;
}

} // namespace

bool assigns_several_columns(const BackfillWork& work)
{
    return std::count_if(work.set.begin(), work.set.end(), [](const auto& assignment) {
               return !is_itself(assignment.first, assignment.second);
           }) > 1;
}

std::string and_needs_work(const BackfillWork& work)
{
    return work.needs_work.empty() ? "" : fmt::format(" AND ({}\n) IS TRUE", work.needs_work);
}

WorkSql work_sql(const Dialect& dialect, const BackfillWork& work)
{
    switch (work.kind) {
    case BackfillKind::set:
        return update_sql(dialect, work);
    case BackfillKind::into:
        return insert_sql(dialect, work);
    case BackfillKind::remove:
        return {.before = "DELETE FROM " + dialect.quote(work.table),
                .after = and_needs_work(work)};
    }
    return {};
}

} // namespace sluice
