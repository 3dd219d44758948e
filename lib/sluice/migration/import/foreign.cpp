#include "sluice/migration/import/foreign.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace sluice {

ImportFinding problem_at(std::string file, int line, std::string what, std::string remedy)
{
    return {ImportWeight::problem, {std::move(file), line, 1}, std::move(what), std::move(remedy)};
}

ImportFinding warning_at(std::string file, int line, std::string what, std::string remedy)
{
    return {ImportWeight::warning, {std::move(file), line, 1}, std::move(what), std::move(remedy)};
}

ImportFinding note_at(std::string file, int line, std::string what)
{
    return {ImportWeight::note, {std::move(file), line, 1}, std::move(what), {}};
}

std::vector<ScriptLine> lines_of_script(std::string_view text)
{
    std::vector<ScriptLine> lines;
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back({number, text.substr(0, end)});
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::string_view trim(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

std::string lowered(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return result;
}

std::string_view leading_digits(std::string_view text)
{
    return text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
}

std::string_view without_ending(std::string_view text, std::string_view ending)
{
    return text.ends_with(ending) ? text.substr(0, text.size() - ending.size()) : text;
}

} // namespace sluice
