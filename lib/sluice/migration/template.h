#pragma once
// The commented migration files of templates/, built into the library, and their filling.
//
// A template opens with lines of its own, which are left out of what it makes:
//
//     #= what the kind is for, in one line
//     #: table users -- the table               a key that must be given, an example, what it is
//     #: up? lower(email) -- how to compute it  one that may be left out
//
// In the text after them {{table}} stands for the value of a key, escaped for the quotes round it,
// and {{key,}} for a value "a,b" that becomes a", "b. A line that opens with {{?up}} is made a
// comment, with the key's example in it, where the key is not given. Where the example is true or
// false, the value must be too.

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct TemplateKey {
    std::string name;
    bool optional = false;
    std::string example;
    std::string about;
};

struct Template {
    std::string kind;
    std::string about;
    std::vector<TemplateKey> keys;
    std::string body;
};

/// Throws Error{internal} for a text that is no template.
[[nodiscard]] Template parse_template(const std::string& kind, std::string_view text);

/// Those of templates/, in the order in which help lists them.
[[nodiscard]] const std::vector<Template>& all_templates();

/// Throws Error{usage} with the nearest kind.
[[nodiscard]] const Template& find_template(std::string_view kind);

/// A migration file, ready to be read. Throws Error{usage} for an unknown key and for a missing
/// one, with what the kind takes.
[[nodiscard]] std::string fill_template(const Template& form,
                                        const std::map<std::string, std::string>& values);

} // namespace sluice
