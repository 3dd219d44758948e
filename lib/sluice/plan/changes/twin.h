#pragma once
// A twin: a new column beside an old one that means the same. How it is added, kept in step,
// filled, indexed, checked, put in the old one's place, and how the old one is kept and in the end
// dropped. A renamed column and a column of another type differ only in names and conversions.
// Private to plan/.

#include "sluice/plan/changes/outline.h"

#include <optional>
#include <string>

namespace sluice {

struct Twin {
    Column old;
    Column next;      ///< the column as it will be in the end: name, type, NOT NULL, default
    std::string name; ///< the twin's until contract; next.name where that is free
    Conversion up;    ///< over the old column's name
    Conversion down;  ///< over `down_sees`, or next.name where that is empty
    std::string down_sees;
    std::string reads; ///< the SQL that the file gives
    /// A type that has one name until contract and another after it: the new column's before, and
    /// the old one's from then on. Absent: as the columns say.
    std::optional<Type> type_before = {};
    std::optional<Type> kept_type = {};
};

/// Throws Error{refused} where the column cannot have a twin.
[[nodiscard]] Outline outline_of(const Twin& twin, const Site& site);

} // namespace sluice
