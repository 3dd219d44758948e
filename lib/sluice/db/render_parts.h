#pragma once
// What the renderers of all engines share: questions about a group of alterations, names that are
// reserved, statements as steps. Private to db/.

#include "sluice/db/alteration.h"
#include "sluice/db/alteration_summary.h"
#include "sluice/db/dialect.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Several lambdas as one visitor.
template <typename... Cases> struct Overloaded : Cases... {
    using Cases::operator()...;
};

template <typename... Cases> Overloaded(Cases...) -> Overloaded<Cases...>;

template <typename Kind> [[nodiscard]] bool has(const std::vector<Alteration>& group)
{
    for (const Alteration& alteration : group) {
        if (std::holds_alternative<Kind>(alteration)) {
            return true;
        }
    }
    return false;
}

/// Does the group make, rename or drop tables or second names of them?
[[nodiscard]] bool is_about_tables(const std::vector<Alteration>& group);

/// The constraints that a group about tables adds to one of them, and the rest of the group.
struct Divided {
    std::vector<Alteration> tables;
    std::vector<Alteration> constraints;
};

[[nodiscard]] Divided divided(const std::vector<Alteration>& group);
/// Those between which it keeps columns in step, or did; none where it is about something else.
[[nodiscard]] std::vector<TableName> linked_tables(const Alteration& alteration);
/// Every name that the group's alterations give, take or change, once.
[[nodiscard]] std::vector<TableName> tables_in(const std::vector<Alteration>& group);
/// Those that tables which the group makes or drops refer to, once.
[[nodiscard]] std::vector<TableName> referred_to(const std::vector<Alteration>& group);

/// Throws Error{refused} for an index that has what the engine has not. `what` is a clause: "has
/// columns in INCLUDE".
[[noreturn]] void refuse_index(const Index& index, std::string_view what, std::string_view engine,
                               std::string hint);

/// "prefix" + "name", cut to `longest` bytes with a digest of what was cut off.
[[nodiscard]] std::string reserved_name(std::string_view prefix, std::string_view name,
                                        std::size_t longest);

/// One statement a step.
[[nodiscard]] std::vector<Step> steps_of(const std::vector<std::string>& statements);
[[nodiscard]] std::vector<Step> repeatable_steps(const std::vector<std::string>& statements);

/// What prepares nothing but the way back, and says so.
[[nodiscard]] Rendered for_way_back(Rendered rendered);
/// The same of an action for the way forward: its undo is what is done on the way back.
[[nodiscard]] Rendered turned_round(Rendered rendered);

} // namespace sluice
