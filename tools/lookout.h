#pragma once
// For somebody who looks again and again, for hours: a server that is away for a moment, in a
// restart or a failover, is waited for like everything else.

#include "sluice/core/error.h"
#include "workspace.h"

#include <optional>
#include <string>
#include <type_traits>

namespace sluice {

class Lookout {
public:
    explicit Lookout(Workspace& workspace) : workspace_(workspace) {}

    /// What `look` makes of the session; nullopt where the database does not answer, which may be
    /// another time. Throws what does not pass by itself.
    template <class Look>
    auto look(const Look& look) -> std::optional<std::invoke_result_t<const Look&, Session&>>
    {
        try {
            auto seen = look(session());
            trouble_.clear();
            return seen;
        } catch (const Error& error) {
            give_up_session(error);
            return std::nullopt;
        }
    }

    /// Why the last look found nothing; empty where it did.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

private:
    [[nodiscard]] Session& session();
    void give_up_session(const Error& error);

    Workspace& workspace_;
    std::optional<Session> session_;
    std::string trouble_;
};

} // namespace sluice
