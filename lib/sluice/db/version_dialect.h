#pragma once
// How an engine makes versions of a schema: a part of Dialect, and immutable like the whole. An
// engine that has none of this refuses it.

#include "sluice/db/rendered.h"
#include "sluice/db/version_schema.h"

#include <string>
#include <vector>

namespace sluice {

class VersionDialect {
public:
    VersionDialect() = default;
    VersionDialect(const VersionDialect&) = delete;
    VersionDialect& operator=(const VersionDialect&) = delete;
    virtual ~VersionDialect() = default;

    /// The schema, which a client chooses as the summary says; its views; and for whoever has
    /// rights on the tables the same on the views. Throws Error{refused} where the engine has no
    /// such schema.
    [[nodiscard]] virtual Rendered create_version(const VersionSchema& version) const;
    /// Nobody finds it any more. The way back gives it again as it was, rights and all.
    [[nodiscard]] virtual Rendered put_version_aside(const VersionSchema& version) const;
    /// What was put aside; without a way back.
    [[nodiscard]] virtual Rendered drop_kept_version(const VersionSchema& version) const;
    /// The same version from contract on, when what it shows is held otherwise: what is to be done
    /// before the tables change, and after it.
    [[nodiscard]] virtual std::vector<Rendered>
    before_version_swap(const VersionSchema& before, const VersionSchema& after) const;
    [[nodiscard]] virtual std::vector<Rendered>
    after_version_swap(const VersionSchema& before, const VersionSchema& after) const;
};

} // namespace sluice
