#include "sluice/db/statement.h"

namespace sluice {

Sql& Sql::operator<<(std::string_view text)
{
    statement_.text += text;
    return *this;
}

Sql& Sql::bind(Param param)
{
    statement_.params.push_back(std::move(param));
    const std::string number = std::to_string(statement_.params.size());
    switch (style_) {
    case PlaceholderStyle::dollar_number:
        statement_.text += "$" + number;
        break;
    case PlaceholderStyle::question:
        statement_.text += "?";
        break;
    case PlaceholderStyle::question_number:
        statement_.text += "?" + number;
        break;
    }
    return *this;
}

Sql& Sql::bind(long long value)
{
    return bind(Param{std::to_string(value), Bind::integer});
}

} // namespace sluice
