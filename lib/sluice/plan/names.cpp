#include "sluice/plan/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace sluice {
namespace {

/// FNV-1a: short, and the same in every build, because the names outlive the program.
std::uint32_t hash_of(const std::string& text)
{
    std::uint32_t hash = 2166136261U;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    return hash;
}

constexpr const char* kept_prefix = "sluice_kept_";
constexpr std::size_t longest_key_end = std::string_view("_ibfk_9999").size();

/// With another end, so that it is no longer than the engine's longest name, and leaves room.
std::string cut(const std::string& whole, const std::string& suffix, const Dialect& dialect,
                std::size_t room = 0)
{
    std::size_t end = std::min(whole.size(), dialect.longest_name() - room - suffix.size());
    while (end > 0 && (static_cast<unsigned char>(whole[end]) & 0xC0) == 0x80) {
        --end; // not in the middle of a character
    }
    return whole.substr(0, end) + suffix;
}

std::string reserved(const char* prefix, const std::string& name, const Dialect& dialect,
                     std::size_t room = 0)
{
    const std::string whole = prefix + name;
    return whole.size() + room <= dialect.longest_name()
               ? whole
               : cut(whole, fmt::format("_{:08x}", hash_of(name)), dialect, room);
}

} // namespace

std::string twin_name(const std::string& column, const Dialect& dialect)
{
    return reserved("sluice_new_", column, dialect);
}

std::string kept_name(const std::string& column, const Dialect& dialect)
{
    return reserved(kept_prefix, column, dialect);
}

std::string twin_index_name(const std::string& index, const Dialect& dialect)
{
    return reserved("sluice_idx_new_", index, dialect);
}

std::string kept_index_name(const std::string& index, const Dialect& dialect)
{
    return reserved("sluice_idx_kept_", index, dialect);
}

TableName kept_table(const TableName& table, const Dialect& dialect)
{
    // The names of foreign keys that the server has given grow with the table's.
    const std::size_t room = dialect.capabilities().names_keys_by_schema ? longest_key_end : 0;
    return {.schema = table.schema, .name = reserved(kept_prefix, table.name, dialect, room)};
}

std::string version_schema(const std::string& schema, const std::string& version,
                           const Dialect& dialect)
{
    const std::string whole = schema + "_" + version;
    return whole.size() <= dialect.longest_name()
               ? whole
               : cut(schema, fmt::format("_{:08x}_{}", hash_of(whole), version), dialect);
}

bool is_reserved(const std::string& name)
{
    return name.rfind("sluice_", 0) == 0;
}

} // namespace sluice
