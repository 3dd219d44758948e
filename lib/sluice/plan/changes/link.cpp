#include "sluice/plan/changes/link.h"

#include "sluice/plan/keys.h"
#include "sluice/plan/lookup.h"

#include <fmt/format.h>

namespace sluice {

namespace {

/// SQLite has several names for its one integer.
bool hold_the_same(const Type& one, const Type& other)
{
    return one == other ||
           (one.family == TypeFamily::integer && other.family == TypeFamily::integer &&
            one.bits == other.bits && one.is_unsigned == other.is_unsigned);
}

void refuse_other_types(const Link& link, const Site& site, const Table& other)
{
    for (std::size_t n = 0; n < link.from.size(); ++n) {
        const Column& from = *site.table.find(link.from[n]);
        const Column& to = *other.find(link.to[n]);
        if (!hold_the_same(from.type, to.type) || from.collation != to.collation ||
            from.charset != to.charset) {
            refuse_at(site.location,
                      fmt::format("\"{}\" of \"{}\" is of type {} and \"{}\" of \"{}\" of type {}, "
                                  "or they sort differently",
                                  from.name, display(site.table.name), from.type.sql, to.name,
                                  display(other.name), to.type.sql),
                      "Change the type of one with change_column or change_primary_key in an "
                      "earlier migration.");
        }
    }
}

void refuse_no_key(const Link& link, const Site& site, const Table& other)
{
    if (!is_unique(other, link.to)) {
        refuse_at(site.location,
                  fmt::format("{} is no key of \"{}\": a row could belong to several there",
                              quoted_names(link.to), display(other.name)),
                  "Name all columns of its primary key or of a unique index.");
    }
}

} // namespace

Link link_of(const std::vector<std::pair<std::string, EngineText>>& on, const Site& site,
             const Table& other)
{
    Link link;
    for (const auto& [from, to] : on) {
        const std::string name = require_text(to, site.dialect, "`on`", site.location);
        link.from.push_back(require_column(site.table, from, site.location).name);
        link.to.push_back(require_column(other, name, site.location).name);
    }
    refuse_other_types(link, site, other);
    refuse_no_key(link, site, other);
    return link;
}

Link link_by_keys(const Site& site, const Table& other)
{
    const Link link{site.table.primary_key, other.primary_key};
    if (link.from.empty() || link.from.size() != link.to.size()) {
        refuse_at(site.location,
                  fmt::format("the primary keys of \"{}\" and \"{}\" are not the same",
                              display(site.table.name), display(other.name)),
                  "Say which columns join them: on = { user_id = \"id\" }.");
    }
    refuse_other_types(link, site, other);
    return link;
}

} // namespace sluice
