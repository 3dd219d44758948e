#pragma once
// One entry of an index as people write it in CREATE INDEX. Private to plan/.

#include "sluice/db/table.h"
#include "sluice/db/url.h"

#include <optional>
#include <string_view>

namespace sluice {

/// "email", "\"E-mail\" COLLATE \"C\" text_pattern_ops DESC NULLS LAST", "title(20)",
/// "(lower(email))". nullopt where it is nothing of the kind.
[[nodiscard]] std::optional<IndexPart> parse_index_part(std::string_view text, Engine engine);

} // namespace sluice
