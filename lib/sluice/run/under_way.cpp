#include "sluice/run/under_way.h"

namespace sluice {

std::optional<UnderWay> under_way(Session& session, const std::vector<TableName>& tables)
{
    std::optional<LeaseHolder> holder = lease_holder(session);
    if (!holder || is_gone(holder->actor)) {
        return std::nullopt;
    }
    UnderWay found{.runner = std::move(*holder), .statement = {}};
    found.statement = statement_progress(session, found.runner.connection_id, tables);
    return found;
}

} // namespace sluice
