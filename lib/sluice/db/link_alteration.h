#pragma once
// The alterations that are about a link sync. They stand in a group of either table, with what is
// altered or renamed together with the triggers.

#include "sluice/db/link_sync.h"

namespace sluice {

struct CreateLinkSync {
    LinkSync sync;
};

struct DropLinkSync {
    LinkSync sync;
};

/// The triggers of `from` become those of `to` (same name) together with the rest of the group.
struct ReplaceLinkSync {
    LinkSync from;
    LinkSync to;
};

} // namespace sluice
