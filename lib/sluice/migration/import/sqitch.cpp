// sqitch: sqitch.plan gives the order; deploy/NAME.sql goes forward, revert/NAME.sql back. A change
// that was reworked stands in the plan more than once; the scripts of its earlier forms are
// NAME@TAG.sql, by a tag between the two.
#include "sluice/migration/import/foreign.h"

#include <fmt/core.h>

#include <algorithm>

namespace sluice {

namespace {

constexpr std::string_view plan_name = "sqitch.plan";

struct PlanEntry {
    std::string name;
    int line = 0;
    bool is_tag = false;
};

/// "users [schema] 2013-11-22T22:14:50Z Ann <ann@example.com> # note": the name; a tag begins
/// with "@". What precedes a name says how: "+", or "-" for what nobody can do.
std::optional<PlanEntry> entry_from(const ScriptLine& line)
{
    std::string_view text = trim(line.text);
    if (text.empty() || text.front() == '#' || text.front() == '%') {
        return std::nullopt;
    }
    if (text.front() == '+') {
        text = trim(text.substr(1));
    }
    const std::size_t end = std::min(text.find_first_of(" \t["), text.size());
    const bool is_tag = text.front() == '@';
    return PlanEntry{std::string(text.substr(0, end)), line.number, is_tag};
}

class SqitchReader {
public:
    explicit SqitchReader(const ImportSource& source) : source_(source)
    {
        folder_.has_variables = true;
    }

    ForeignFolder read(const ImportFile& plan)
    {
        plan_ = source_.display(plan);
        for (const ScriptLine& line : lines_of_script(plan.text)) {
            if (const auto entry = entry_from(line)) {
                entries_.push_back(*entry);
            }
        }
        for (std::size_t n = 0; n < entries_.size(); ++n) {
            if (!entries_[n].is_tag) {
                add(n);
            }
        }
        tell_of_verifications();
        return std::move(folder_);
    }

private:
    /// The tags between this form of the change and its next one; none where it is the last.
    [[nodiscard]] std::vector<std::string> rework_tags(std::size_t at) const
    {
        std::vector<std::string> tags;
        for (std::size_t n = at + 1; n < entries_.size(); ++n) {
            if (entries_[n].is_tag) {
                tags.push_back(entries_[n].name);
            } else if (entries_[n].name == entries_[at].name) {
                return tags;
            }
        }
        return {};
    }

    [[nodiscard]] const ImportFile* script(std::string_view kind, std::size_t at) const
    {
        const std::vector<std::string> tags = rework_tags(at);
        if (tags.empty()) {
            return source_.find(fmt::format("{}/{}.sql", kind, entries_[at].name));
        }
        for (const std::string& tag : tags) {
            const ImportFile* found =
                source_.find(fmt::format("{}/{}{}.sql", kind, entries_[at].name, tag));
            if (found != nullptr) {
                return found;
            }
        }
        return nullptr;
    }

    void add(std::size_t at)
    {
        const PlanEntry& entry = entries_[at];
        ForeignMigration migration{
            .name = entry.name, .identity = entry.name, .source = {plan_, entry.line, 1}};
        const ImportFile* deploy = script("deploy", at);
        if (deploy == nullptr) {
            migration.is_usable = false;
            folder_.findings.push_back(
                problem_at(plan_, entry.line,
                           fmt::format("the change \"{}\" has no script deploy/{}.sql", entry.name,
                                       entry.name),
                           "Give the folder that holds sqitch.plan, deploy and revert."));
        } else {
            migration.source = {source_.display(*deploy), 1, 1};
            migration.up.push_back({source_.display(*deploy), 1, deploy->text, false});
        }
        if (const ImportFile* revert = script("revert", at)) {
            migration.down.push_back({source_.display(*revert), 1, revert->text, false});
        }
        folder_.migrations.push_back(std::move(migration));
    }

    void tell_of_verifications()
    {
        const auto count =
            std::count_if(source_.files.begin(), source_.files.end(), [](const ImportFile& file) {
                return file.path.starts_with("verify/") && file.path.ends_with(".sql");
            });
        if (count > 0) {
            folder_.findings.push_back(
                note_at(plan_, 0, fmt::format("scripts in verify/ are left out: {}", count)));
        }
    }

    const ImportSource& source_;
    ForeignFolder folder_;
    std::string plan_;
    std::vector<PlanEntry> entries_;
};

} // namespace

ForeignFolder read_sqitch(const ImportSource& source)
{
    const ImportFile* plan = source.find(std::string(plan_name));
    return plan == nullptr ? ForeignFolder{} : SqitchReader(source).read(*plan);
}

} // namespace sluice
