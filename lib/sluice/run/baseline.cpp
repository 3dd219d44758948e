#include "sluice/run/baseline.h"

#include "sluice/core/error.h"
#include "sluice/migration/folder.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace sluice {

namespace {

const MigrationRecord* record_of(const std::vector<MigrationRecord>& records,
                                 const std::string& version)
{
    const auto found =
        std::find_if(records.begin(), records.end(), [&](const MigrationRecord& record) {
            return compare_versions(record.version, version) == 0;
        });
    return found == records.end() ? nullptr : &*found;
}

[[noreturn]] void refuse_under_way(const MigrationRecord& record)
{
    throw Error(ErrorKind::refused,
                fmt::format("migration \"{}\" is {}: sluice itself is applying it", record.version,
                            name_of(record.state)),
                {.hint = fmt::format("Finish it with `sluice apply`, or take it back with `sluice "
                                     "rollback {}`; then repeat this.",
                                     record.version)});
}

BaselineMark mark_for(const Migration& migration, const MigrationRecord* record)
{
    BaselineMark mark{.version = migration.version, .name = migration.name};
    if (record == nullptr || record->state == State::pending) {
        return mark;
    }
    mark.from = record->state;
    mark.to = record->state;
    switch (record->state) {
    case State::baselined:
        mark.was_edited = record->hash != migration.hash;
        return mark;
    case State::migrated:
    case State::contracted:
    case State::purged:
        return mark;
    case State::pending:
    case State::expanding:
    case State::expanded:
    case State::migrating:
    case State::contracting:
    case State::rolling_back:
    case State::restoring:
        break;
    }
    refuse_under_way(*record);
}

bool changes_anything(const BaselineMark& mark)
{
    return mark.from != mark.to || mark.was_edited;
}

void tell(Workplace& workplace, const std::vector<BaselineMark>& marks)
{
    for (const BaselineMark& mark : marks) {
        if (changes_anything(mark)) {
            workplace.tell(StateChanged{mark.version, mark.name, std::string(name_of(mark.from)),
                                        std::string(name_of(mark.to))});
        }
    }
}

void write_ledger(Workplace& workplace, const BaselineMark& mark, const std::string& hash)
{
    append_ledger(workplace.session(), workplace.surroundings().options.actor,
                  {.verb = workplace.verb(),
                   .object = "migration " + mark.version,
                   .from = std::string(name_of(mark.from)),
                   .to = std::string(name_of(mark.to)),
                   .reason = workplace.surroundings().options.reason,
                   .evidence = nlohmann::json{{"hash", hash}}.dump()});
}

/// All of it in one transaction.
void change(Workplace& workplace, const std::function<void()>& work)
{
    workplace.with_retries("recording the baseline", [&] { workplace.transact(work); });
}

} // namespace

std::vector<BaselineMark> baseline_marks(const std::vector<const Migration*>& chosen,
                                         const std::vector<MigrationRecord>& records)
{
    std::vector<BaselineMark> marks;
    for (const Migration* migration : chosen) {
        marks.push_back(mark_for(*migration, record_of(records, migration->version)));
    }
    return marks;
}

std::vector<BaselineMark> mark_baseline(Workplace& workplace,
                                        const std::vector<const Migration*>& chosen)
{
    std::vector<BaselineMark> marks = baseline_marks(chosen, workplace.history().all());
    change(workplace, [&] {
        for (std::size_t n = 0; n < chosen.size(); ++n) {
            if (!changes_anything(marks[n])) {
                continue;
            }
            workplace.history().record(*chosen[n], Plan{});
            workplace.history().transition(chosen[n]->version, State::pending, State::baselined);
            write_ledger(workplace, marks[n], chosen[n]->hash);
        }
    });
    tell(workplace, marks);
    return marks;
}

std::vector<BaselineMark> unmark_baseline(Workplace& workplace,
                                          const std::vector<const Migration*>& chosen)
{
    const std::vector<MigrationRecord> records = workplace.history().all();
    std::vector<BaselineMark> marks;
    for (const Migration* migration : chosen) {
        const MigrationRecord* record = record_of(records, migration->version);
        if (record != nullptr && record->state == State::baselined) {
            marks.push_back({.version = record->version,
                             .name = migration->name,
                             .from = State::baselined,
                             .to = State::pending});
        }
    }
    change(workplace, [&] {
        for (const BaselineMark& mark : marks) {
            workplace.history().transition(mark.version, mark.from, mark.to);
            write_ledger(workplace, mark, record_of(records, mark.version)->hash);
        }
    });
    tell(workplace, marks);
    return marks;
}

void refuse_baselined(const MigrationRecord& record)
{
    if (record.state != State::baselined) {
        return;
    }
    throw Error(ErrorKind::refused,
                fmt::format("migration \"{}\" was applied before sluice took over: sluice has no "
                            "record of what it did",
                            record.version),
                {.hint = fmt::format("Write a new migration that changes the schema further, or "
                                     "back; where it was marked by mistake, `sluice baseline "
                                     "--forget {}` makes it pending again.",
                                     record.version)});
}

} // namespace sluice
