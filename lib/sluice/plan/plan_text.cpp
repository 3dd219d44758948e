#include "sluice/db/dialect.h"
#include "sluice/plan/action.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sluice {
namespace {

constexpr std::string_view indent = "     ";
constexpr std::string_view deep = "             "; // under the text that follows a label

/// "label: text", the lines after the first under the first.
std::string labelled(std::string_view label, std::string_view text)
{
    std::string shown = fmt::format("{}{:<8}", indent, std::string(label) + ":");
    for (const char c : text) {
        shown += c;
        if (c == '\n') {
            shown += deep;
        }
    }
    return shown + "\n";
}

std::string_view explain_mode(Mode mode)
{
    switch (mode) {
    case Mode::atomic:
        return "";
    case Mode::standalone:
        return "statement by statement, each looked for before it is run again";
    case Mode::locked:
        return "under LOCK TABLES … WRITE, each statement looked for before it is run again";
    }
    return "";
}

/// The way back on one line: a trigger's body is shown where it is made.
std::string abridged(const std::string& sql)
{
    constexpr std::size_t longest = 200;
    std::string line = sql;
    std::replace(line.begin(), line.end(), '\n', ' ');
    const std::size_t first = std::min(sql.find('\n'), sql.size());
    if (first == sql.size() || line.size() <= longest) {
        return line;
    }
    return line.substr(0, std::max(first, longest)) + " …";
}

std::string statement(const std::string& sql)
{
    return sql.ends_with(';') ? sql : sql + ";";
}

std::string key_text_of(const std::vector<Column>& key)
{
    std::string names;
    for (const Column& column : key) {
        names += (names.empty() ? "" : ", ") + column.name;
    }
    return names;
}

std::string work_text(const SchemaWork& work)
{
    std::string text;
    if (!explain_mode(work.mode).empty() && !work.steps.empty()) {
        text += labelled("runs", explain_mode(work.mode));
    }
    for (const Step& step : work.steps) {
        text += labelled("sql", statement(step.sql));
    }
    return text;
}

std::string work_text(const BackfillWork& work)
{
    std::string text =
        labelled("walk", fmt::format("{} by ({}){}", display(work.table), key_text_of(work.key),
                                     work.once ? ", one pass" : ""));
    if (work.into) {
        text += labelled("into", display(*work.into));
    }
    std::string set;
    for (const auto& [column, expression] : work.set) {
        set += (set.empty() ? "" : "\n") + column + " = " + expression;
    }
    if (!set.empty()) {
        text += labelled("set", set);
    }
    return text + (work.needs_work.empty() ? "" : labelled("where", work.needs_work));
}

std::string work_text(const VerifyWork& work)
{
    return labelled("walk", fmt::format("{} by ({})", display(work.table), key_text_of(work.key))) +
           labelled("expect", work.expect);
}

std::string undo_text(const Action& action)
{
    if (action.irreversible) {
        return labelled("undo", "none: this cannot be taken back");
    }
    if (!action.undo) {
        return {};
    }
    std::string text;
    if (!explain_mode(action.undo->mode).empty() && !action.undo->steps.empty() &&
        (!std::holds_alternative<SchemaWork>(action.work) ||
         std::get<SchemaWork>(action.work).mode != action.undo->mode)) {
        text += labelled("undone", explain_mode(action.undo->mode));
    }
    for (const Step& step : action.undo->steps) {
        text += labelled("undo", statement(abridged(step.sql)));
    }
    return text;
}

std::string action_text(const Action& action)
{
    std::string text = fmt::format("{:>3}. {}\n", action.ordinal, action.summary);
    if (!action.reason.empty()) {
        text += labelled("why", action.reason);
    }
    if (!action.lock.empty()) {
        text += labelled("lock", action.lock);
    }
    return text + std::visit([](const auto& work) { return work_text(work); }, action.work) +
           undo_text(action);
}

} // namespace

std::string to_text(const Plan& plan)
{
    std::string text = fmt::format("plan {}_{}\n", plan.version, plan.name);
    for (const Phase phase :
         std::array{Phase::expand, Phase::migrate, Phase::contract, Phase::purge}) {
        std::string actions;
        for (const Action& action : plan.actions) {
            actions += action.phase == phase ? action_text(action) : "";
        }
        if (!actions.empty()) {
            text += fmt::format("\n{}\n{}", name_of(phase), actions);
        }
    }
    if (!plan.notes.empty()) {
        text += "\nnotes\n";
    }
    for (const std::string& note : plan.notes) {
        text += fmt::format("  - {}\n", note);
    }
    return text;
}

} // namespace sluice
