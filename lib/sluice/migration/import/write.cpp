#include "sluice/migration/import/write.h"

#include "sluice/migration/toml_text.h"

#include <fmt/core.h>

namespace sluice {

namespace {

constexpr std::string_view nothing = "SELECT 1";

std::string undo_of(const PairedStep& step, bool has_way_back)
{
    if (step.back) {
        const std::string comment = toml_comment(step.back->comment);
        return fmt::format("{}undo = {}\n", comment, toml_block(step.back->sql));
    }
    if (has_way_back) {
        return fmt::format("undo = {} # the undo of another step takes this back\n",
                           toml_string(nothing));
    }
    return "undo = false\n";
}

std::string text_of(const PairedStep& step, bool has_way_back)
{
    if (!step.forward) {
        return fmt::format("# Only there for its undo, which runs after those of the steps below.\n"
                           "[[expand]]\nsql  = {}\n{}",
                           toml_string(nothing), undo_of(step, has_way_back));
    }
    return fmt::format("{}[[expand]]\nsql  = {}\n{}", toml_comment(step.forward->comment),
                       toml_block(step.forward->sql), undo_of(step, has_way_back));
}

} // namespace

std::string write_migration(const WrittenMigration& migration)
{
    std::string text = toml_comment(migration.heading);
    text += fmt::format("summary = {}\n", toml_string(migration.summary));
    for (const PairedStep& step : migration.steps) {
        text += "\n" + text_of(step, migration.has_way_back);
    }
    if (migration.steps.empty()) {
        text += fmt::format("\n# There is no statement in it; it keeps its place in the order.\n"
                            "[[expand]]\nsql  = {0}\nundo = {0}\n",
                            toml_string(nothing));
    }
    return text;
}

} // namespace sluice
