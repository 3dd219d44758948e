#include "sluice/core/error.h"
#include "sluice/migration/import/flyway_name.h"
#include "sluice/state/foreign_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sluice {

namespace {

std::string remedy_for(ImportTool tool, const std::string& identity)
{
    const std::string then = ", then import again";
    switch (tool) {
    case ImportTool::golang_migrate:
        return fmt::format("Look at what of it has taken effect, finish it or take it back by "
                           "hand, and say so: `migrate force {}`{}.",
                           identity, then);
    case ImportTool::flyway:
        return fmt::format("Look at what of it has taken effect, take it back by hand, and say "
                           "so: `flyway repair`{}.",
                           then);
    case ImportTool::sqitch:
        return fmt::format("Look at what of it has taken effect; finish it with `sqitch deploy`, "
                           "or take it back with `sqitch revert`{}.",
                           then);
    case ImportTool::dbmate:
    case ImportTool::goose:
    case ImportTool::alembic:
        break;
    }
    return fmt::format("Finish or take back {} by hand{}.", identity, then);
}

void refuse_broken(const ForeignRecord& record, ImportTool tool)
{
    for (const ForeignRow& row : record.rows) {
        if (row.is_broken) {
            throw Error(ErrorKind::refused,
                        fmt::format("{} says in {} that \"{}\" is half applied", name_of(tool),
                                    record.table, row.identity),
                        {.hint = remedy_for(tool, row.identity)});
        }
    }
}

/// The tool's own way of telling two of its names apart.
bool is_same(ImportTool tool, const ImportedMigration& migration, const std::string& identity)
{
    if (migration.is_repeatable) { // its table has blanks where the file has "_"
        std::string described = migration.identity;
        std::replace(described.begin(), described.end(), '_', ' ');
        return described == identity;
    }
    switch (tool) {
    case ImportTool::golang_migrate:
    case ImportTool::goose:
    case ImportTool::flyway:
        return identity.find_first_not_of("0123456789._") == std::string::npos &&
               compare_flyway(migration.identity, identity) == 0;
    case ImportTool::dbmate:
    case ImportTool::sqitch:
    case ImportTool::alembic:
        return migration.identity == identity;
    }
    return false;
}

class Matching {
public:
    Matching(const ForeignRecord& record, const ImportedFolder& folder)
        : record_(record), folder_(folder)
    {
    }

    ForeignApplied run()
    {
        for (const ForeignRow& row : record_.rows) {
            take(row);
        }
        ForeignApplied result;
        for (std::size_t n = 0; n < folder_.migrations.size(); ++n) {
            if (applied_.count(n) > 0) {
                result.applied.push_back(&folder_.migrations[n]);
            }
        }
        result.unknown = unknown_;
        return result;
    }

private:
    void take(const ForeignRow& row)
    {
        if (row.is_floor && folder_.tool != ImportTool::alembic) {
            take_all_up_to(row.identity);
            return;
        }
        const std::optional<std::size_t> at = find(row);
        if (!at && folder_.tool == ImportTool::alembic) {
            throw Error(ErrorKind::refused,
                        fmt::format("the database is at the revision \"{}\", which is in none of "
                                    "the files",
                                    row.identity),
                        {.hint = "Give all revisions: `alembic upgrade head --sql > all.sql`."});
        }
        if (!at) {
            if (row.is_applied) {
                unknown_.push_back(row.identity);
            }
        } else if (!row.is_applied) {
            applied_.erase(*at);
        } else if (row.is_floor) {
            take_with_parents(*at);
        } else {
            applied_.insert(*at);
        }
    }

    /// A change of sqitch that was reworked has several forms; the first that is free is meant.
    [[nodiscard]] std::optional<std::size_t> find(const ForeignRow& row) const
    {
        for (std::size_t n = 0; n < folder_.migrations.size(); ++n) {
            const bool is_taken = folder_.tool == ImportTool::sqitch && applied_.count(n) > 0;
            if (!is_taken && is_same(folder_.tool, folder_.migrations[n], row.identity)) {
                return n;
            }
        }
        return std::nullopt;
    }

    void take_all_up_to(const std::string& identity)
    {
        bool is_known = false;
        for (std::size_t n = 0; n < folder_.migrations.size(); ++n) {
            const ImportedMigration& migration = folder_.migrations[n];
            if (!migration.is_repeatable && compare_flyway(migration.identity, identity) <= 0) {
                applied_.insert(n);
            }
            is_known = is_known || is_same(folder_.tool, migration, identity);
        }
        if (!is_known && folder_.tool == ImportTool::golang_migrate) {
            unknown_.push_back(identity);
        }
    }

    void take_with_parents(std::size_t at)
    {
        if (!applied_.insert(at).second) {
            return;
        }
        for (const std::string& parent : folder_.migrations[at].parents) {
            if (const auto found = find({.identity = parent})) {
                take_with_parents(*found);
            }
        }
    }

    const ForeignRecord& record_;
    const ImportedFolder& folder_;
    std::set<std::size_t> applied_;
    std::vector<std::string> unknown_;
};

} // namespace

ForeignApplied match_foreign_record(const ForeignRecord& record, const ImportedFolder& folder)
{
    refuse_broken(record, folder.tool);
    return Matching(record, folder).run();
}

} // namespace sluice
