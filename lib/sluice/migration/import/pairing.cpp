#include "sluice/migration/import/pairing.h"

#include "sluice/db/tokens.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

namespace sluice {

namespace {

/// What a statement does to what.
struct Subject {
    std::string verb; ///< "CREATE", "DROP", "ALTER", "INSERT", "DELETE"
    std::string kind; ///< "TABLE"
    std::string name;
    std::vector<std::string> names; ///< all that it mentions
};

std::string upper(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    });
    return text;
}

bool is_filler(const Token& token)
{
    constexpr std::array<std::string_view, 16> fillers{
        "UNIQUE",    "TEMP",     "TEMPORARY",    "OR",        "REPLACE",      "IF",
        "NOT",       "EXISTS",   "ONLY",         "INTO",      "CONCURRENTLY", "FROM",
        "ALGORITHM", "UNLOGGED", "MATERIALIZED", "CONSTRAINT"};
    return std::any_of(fillers.begin(), fillers.end(),
                       [&token](std::string_view word) { return token.is(word); });
}

Subject subject_of(const ScriptStatement& statement, Engine engine)
{
    const std::vector<Token> tokens = tokenize(statement.sql, engine);
    Subject subject;
    subject.names = names_in(statement.sql, engine);
    if (tokens.empty()) {
        return subject;
    }
    subject.verb = upper(tokens.front().text);
    const bool has_kind = subject.verb != "INSERT" && subject.verb != "DELETE";
    subject.kind = has_kind ? "" : "TABLE";
    for (std::size_t n = 1; n < tokens.size(); ++n) {
        if (is_filler(tokens[n])) {
            continue;
        }
        if (!tokens[n].is_name()) {
            break;
        }
        if (subject.kind.empty()) {
            subject.kind = upper(tokens[n].text);
            continue;
        }
        subject.name = upper(tokens[n].text);
        if (n + 1 >= tokens.size() || !tokens[n + 1].is_symbol('.')) {
            break;
        }
        ++n; // a schema; its dot is passed over
    }
    return subject;
}

int shared_names(const Subject& a, const Subject& b)
{
    return static_cast<int>(
        std::count_if(a.names.begin(), a.names.end(), [&b](const std::string& name) {
            return std::find(b.names.begin(), b.names.end(), name) != b.names.end();
        }));
}

/// How well `down` fits as the way back from `up`; 0: nothing says so.
int affinity(const Subject& up, const Subject& down)
{
    constexpr int sure = 100;
    if (up.name.empty() || up.name != down.name || up.kind != down.kind) {
        return 0;
    }
    const auto are = [&](const char* one, const char* other) {
        return up.verb == one && down.verb == other;
    };
    if (are("CREATE", "DROP") || are("DROP", "CREATE") || are("INSERT", "DELETE") ||
        are("DELETE", "INSERT")) {
        return sure;
    }
    return are("ALTER", "ALTER") ? 10 + std::min(shared_names(up, down), 20) : 0;
}

/// The places, ascending, of `down` within `places` that fit best together; of those that fit
/// equally, the last.
std::vector<std::size_t> best_places(const std::vector<std::vector<int>>& fit, std::size_t places)
{
    const std::size_t count = fit.size();
    constexpr int never = std::numeric_limits<int>::min() / 2;
    std::vector<std::vector<int>> best(count + 1, std::vector<int>(places + 1, never));
    std::fill(best[0].begin(), best[0].end(), 0);
    for (std::size_t d = 1; d <= count; ++d) {
        for (std::size_t p = d; p <= places; ++p) {
            best[d][p] = std::max(best[d][p - 1], best[d - 1][p - 1] + fit[d - 1][p - 1]);
        }
    }
    std::vector<std::size_t> chosen(count);
    std::size_t p = places;
    for (std::size_t d = count; d > 0; --d) {
        while (best[d][p] != best[d - 1][p - 1] + fit[d - 1][p - 1]) {
            --p;
        }
        chosen[d - 1] = --p;
    }
    return chosen;
}

} // namespace

std::vector<PairedStep> pair_undo(const std::vector<ScriptStatement>& up,
                                  const std::vector<ScriptStatement>& down, Engine engine)
{
    const std::size_t extra = down.size() > up.size() ? down.size() - up.size() : 0;
    std::vector<PairedStep> steps(extra);
    for (const ScriptStatement& statement : up) {
        steps.push_back({statement, std::nullopt});
    }
    std::vector<Subject> subjects;
    for (const ScriptStatement& statement : up) {
        subjects.push_back(subject_of(statement, engine));
    }
    std::vector<std::vector<int>> fit(down.size(), std::vector<int>(steps.size(), 0));
    for (std::size_t d = 0; d < down.size(); ++d) {
        const Subject back = subject_of(down[d], engine);
        for (std::size_t n = 0; n < up.size(); ++n) { // the last step is the first place
            fit[d][up.size() - 1 - n] = affinity(subjects[n], back);
        }
    }
    const std::vector<std::size_t> places = best_places(fit, steps.size());
    for (std::size_t d = 0; d < down.size(); ++d) {
        steps[steps.size() - 1 - places[d]].back = down[d];
    }
    return steps;
}

} // namespace sluice
