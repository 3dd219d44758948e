#pragma once
// One table of a migration file while it is read: the only place that knows how toml++ shows keys,
// types and positions. Every accessor throws Error{definition} with file, line and column, what was
// expected and what was found. Refers to the parsed document, which must outlive it.

#include "sluice/migration/migration.h"

#include <toml++/toml.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class Section {
public:
    /// `title` is how the section stands in the file: "[[change]]", "[pace]".
    Section(const toml::table& table, const std::string& file, std::string title);

    /// Refuses any key that is not in `known`. `subject` opens the hint: "rename_column".
    void accept_only(const std::vector<std::string>& known, const std::string& subject) const;

    [[nodiscard]] bool has(std::string_view key) const;
    [[nodiscard]] bool is_flag(std::string_view key) const; ///< true or false was given
    [[nodiscard]] bool is_table(std::string_view key) const;
    [[nodiscard]] std::vector<std::string> keys() const; ///< in the order of the file

    // Each of these refuses a missing key.
    [[nodiscard]] std::string name(std::string_view key) const; ///< not empty
    [[nodiscard]] TableName table_name(std::string_view key) const;
    [[nodiscard]] EngineText sql(std::string_view key) const;

    // Each of these gives nullopt, or nothing, for a missing key.
    [[nodiscard]] std::optional<std::string> find_line(std::string_view key) const;
    [[nodiscard]] std::optional<TableName> find_table_name(std::string_view key) const;
    [[nodiscard]] std::optional<EngineText> find_sql(std::string_view key) const;
    [[nodiscard]] std::optional<bool> find_flag(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> find_count(std::string_view key) const; ///< 1 and up
    [[nodiscard]] std::optional<double> find_share(std::string_view key) const; ///< above 0, to 1
    [[nodiscard]] std::optional<std::chrono::milliseconds>
    find_duration(std::string_view key) const;
    /// A text, a number, true or false: as text.
    [[nodiscard]] std::optional<std::string> find_scalar(std::string_view key) const;
    [[nodiscard]] std::vector<std::string> find_names(std::string_view key) const;
    [[nodiscard]] std::vector<EngineText> find_sql_list(std::string_view key) const;
    [[nodiscard]] std::vector<std::pair<std::string, EngineText>>
    find_assignments(std::string_view key) const;

    /// `[title]`: nullopt where the file has none; refuses `[[title]]` and other types.
    [[nodiscard]] std::optional<Section> find_section(std::string_view key) const;
    /// `[[title]]`, in the order of the file; refuses `[title]` and other types.
    [[nodiscard]] std::vector<Section> sections(std::string_view key) const;

    [[nodiscard]] const std::string& title() const { return title_; }

    [[nodiscard]] Location location() const;
    [[nodiscard]] Location location_of(std::string_view key) const; ///< of the key itself

    /// Throws Error{definition}, with the position of the section or of the key.
    [[noreturn]] void fail(const std::string& problem, std::string hint) const;
    [[noreturn]] void fail_at(std::string_view key, const std::string& problem,
                              std::string hint) const;

private:
    [[nodiscard]] Location location_of(const toml::node& node) const;
    [[nodiscard]] const toml::node& require(std::string_view key) const;
    [[nodiscard]] std::string text(std::string_view key, const toml::node& node) const;
    [[nodiscard]] EngineText sql_text(std::string_view key, const toml::node& node) const;
    [[nodiscard]] TableName parsed_table_name(std::string_view key) const;
    [[noreturn]] void fail_type(const toml::node& node, std::string_view key,
                                std::string_view expected, std::string hint = {}) const;

    const toml::table* table_;
    const std::string* file_;
    std::string title_;
};

/// "a, b and c"
[[nodiscard]] std::string listed(const std::vector<std::string>& names);

[[noreturn]] void fail_definition(const Location& location, const std::string& problem,
                                  std::string hint);

} // namespace sluice
