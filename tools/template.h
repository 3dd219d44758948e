#pragma once
// The commented migration files of templates/, built into the program. A template is a valid
// migration as it stands; filling it replaces the value of each key that is given, and takes in
// those that stand there as a comment ("# down = …").

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct Template {
    std::string_view kind;
    std::string_view text;
};

/// Written by the build from the files in templates/, in the order of their names.
[[nodiscard]] const std::vector<Template>& all_templates();

/// Throws Error{usage} with the nearest kind.
[[nodiscard]] const Template& find_template(const std::string& kind);

/// The keys that can be filled in, in their order.
[[nodiscard]] std::vector<std::string> keys_of(const Template& one);

struct TemplateValue {
    std::string key;
    std::string text;
};

/// Throws Error{usage} for a key that the template does not have, with the nearest.
[[nodiscard]] std::string fill_template(const Template& one,
                                        const std::vector<TemplateValue>& values);

} // namespace sluice
