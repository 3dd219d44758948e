#include "sluice/db/sqlite/connect.h"

#include "sluice/db/error_translation.h"

#include <soci/sqlite3/soci-sqlite3.h>

#include <filesystem>

namespace sluice {

std::string sqlite_connect_string(const Url& url)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text = "dbname=\"file://";
    for (const char c : std::filesystem::absolute(url.path).string()) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '/' || c == '-' || c == '.' || c == '_';
        if (plain) {
            text += c;
        } else {
            text += '%';
            text += digits[byte >> 4U];
            text += digits[byte & 15U];
        }
    }
    const auto mode = url.parameters.find("mode");
    return text + "?mode=" + (mode == url.parameters.end() ? "rwc" : mode->second) + "\"";
}

namespace {

/// Without what SOCI puts before it.
std::string own_words(std::string message)
{
    constexpr std::string_view before = "Cannot establish connection to the database. ";
    return message.starts_with(before) ? message.substr(before.size()) : message;
}

} // namespace

std::unique_ptr<soci::session> connect_sqlite(const Url& url)
{
    try {
        return std::make_unique<soci::session>(soci::sqlite3, sqlite_connect_string(url));
    } catch (const soci::sqlite3_soci_error& error) {
        throw connection_failure(url, own_words(error.get_error_message()), error.result());
    } catch (const soci::soci_error& error) {
        throw connection_failure(url, error.get_error_message(), 0);
    }
}

sqlite3* sqlite_handle(soci::session& session)
{
    return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

} // namespace sluice
