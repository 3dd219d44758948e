#include "sluice/core/error.h"
#include "sluice/db/postgresql/dialect.h"
#include "sluice/db/render_parts.h"

#include <algorithm>
#include <iterator>

namespace sluice {

namespace {

void append(std::vector<Step>& to, const std::vector<Step>& steps)
{
    to.insert(to.end(), steps.begin(), steps.end());
}

/// All at once, before anything else: whoever waits for one of them waits for all, and no longer
/// than for one. Each has its share of the time.
std::vector<Step> locked(const PostgresqlDialect& dialect, const std::vector<TableName>& tables)
{
    std::string names;
    for (const TableName& table : tables) {
        names += (names.empty() ? "" : ", ") + dialect.quote(table);
    }
    return steps_of({"DO $sluice$\nBEGIN\nPERFORM pg_catalog.set_config('lock_timeout', (setting::"
                     "integer / " +
                         std::to_string(tables.size()) +
                         ")::text, true) FROM pg_catalog.pg_settings WHERE name = "
                         "'lock_timeout';\nEND\n$sluice$",
                     "LOCK TABLE " + names + " IN ACCESS EXCLUSIVE MODE"});
}

class Together {
public:
    void add(std::vector<Rendered> actions)
    {
        const auto main = std::find_if(actions.begin(), actions.end(),
                                       [](const Rendered& each) { return each.is_main; });
        if (main == actions.end()) {
            throw Error(ErrorKind::internal, "of tables that show together, one shows nothing");
        }
        std::move(actions.begin(), main, std::back_inserter(before_));
        std::move(main + 1, actions.end(), std::back_inserter(after_));
        main_.is_main = true;
        main_.summary += (main_.summary.empty() ? "" : "; ") + main->summary;
        append(main_.steps, main->steps);
        append(main_.undo, main->undo);
        for (const TableName& table : main->tables) {
            if (std::find(main_.tables.begin(), main_.tables.end(), table) == main_.tables.end()) {
                main_.tables.push_back(table);
            }
        }
    }

    std::vector<Rendered> take(const PostgresqlDialect& dialect)
    {
        for (const TableName& table : main_.tables) {
            main_.lock += (main_.lock.empty() ? "ACCESS EXCLUSIVE on " : " and ") + display(table);
        }
        main_.lock += ", brief";
        const std::vector<Step> lock = locked(dialect, main_.tables);
        main_.steps.insert(main_.steps.begin(), lock.begin(), lock.end());
        main_.undo.insert(main_.undo.begin(), lock.begin(), lock.end());
        std::vector<Rendered> all = std::move(before_);
        all.push_back(std::move(main_));
        std::move(after_.begin(), after_.end(), std::back_inserter(all));
        return all;
    }

private:
    std::vector<Rendered> before_;
    Rendered main_;
    std::vector<Rendered> after_;
};

} // namespace

std::vector<Rendered>
PostgresqlDialect::render_together(const std::vector<AlteredTable>& groups) const
{
    Together together;
    for (const AlteredTable& each : groups) {
        together.add(render(each.group, each.table));
    }
    return together.take(*this);
}

} // namespace sluice
