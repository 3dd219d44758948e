#include "sluice/run/leftovers.h"

#include <fmt/format.h>

namespace sluice {

std::vector<Step> leftovers(Session& session, std::string_view sql,
                            const std::vector<TableName>& tables)
{
    const std::string query = session.dialect().leftovers_of(sql, tables);
    std::vector<Step> sweeps;
    if (!query.empty()) {
        for (const Row& row : session.query(query).rows) {
            sweeps.push_back({row[0].value_or(""), {}, true});
        }
    }
    return sweeps;
}

void sweep_what_it_left(Workplace& workplace, const Error& error,
                        const std::vector<TableName>& tables)
{
    Session& session = workplace.session();
    if (session.in_transaction()) {
        return; // it has left nothing
    }
    try {
        for (const Step& sweep : leftovers(session, error.details.statement, tables)) {
            session.execute(sweep.sql);
        }
    } catch (const Error& left) {
        workplace.tell(Note{fmt::format("what was built so far could not be swept away ({}): the "
                                        "same command, or `sluice rollback`, does so",
                                        left.message)});
    }
}

} // namespace sluice
