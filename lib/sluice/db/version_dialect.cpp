#include "sluice/db/version_dialect.h"

#include "sluice/core/error.h"

namespace sluice {

namespace {

[[noreturn]] void refuse()
{
    throw Error(ErrorKind::refused,
                "a database of this engine has one schema: there is no second one for views that "
                "are called as its tables are, and they could not be written as tables are",
                {.hint = "Leave `views` out: until contract the tables have both shapes, and each "
                         "version of the application uses its own columns of them."});
}

} // namespace

Rendered VersionDialect::create_version(const VersionSchema& /*version*/) const
{
    refuse();
}

Rendered VersionDialect::put_version_aside(const VersionSchema& /*version*/) const
{
    refuse();
}

Rendered VersionDialect::drop_kept_version(const VersionSchema& /*version*/) const
{
    refuse();
}

std::vector<Rendered> VersionDialect::before_version_swap(const VersionSchema& /*before*/,
                                                          const VersionSchema& /*after*/) const
{
    return {};
}

std::vector<Rendered> VersionDialect::after_version_swap(const VersionSchema& /*before*/,
                                                         const VersionSchema& /*after*/) const
{
    return {};
}

} // namespace sluice
