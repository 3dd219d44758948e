#include "sluice/db/mysql/foreign_keys.h"

#include <utility>

namespace sluice {

namespace {

/// The server does the same for both.
std::string rule_of(const Value& rule)
{
    return rule == "RESTRICT" || rule == "NO ACTION" ? std::string() : rule.value_or("");
}

std::string schema_of(const Value& schema, const Value& is_own)
{
    return is_own == "1" ? std::string() : schema.value_or("");
}

/// Adds one column of a key to the list, as a new key or to the last one.
void add_key_column(std::vector<ForeignKey>& keys, const ForeignKey& key)
{
    const bool goes_on =
        !keys.empty() && keys.back().name == key.name && keys.back().referenced == key.referenced;
    if (!goes_on) {
        keys.push_back(key);
        return;
    }
    keys.back().columns.push_back(key.columns[0]);
    keys.back().referenced_columns.push_back(key.referenced_columns[0]);
}

} // namespace

FoundKeys foreign_keys_in(const Rows& rows)
{
    FoundKeys found;
    for (const Row& row : rows.rows) {
        ForeignKey key;
        key.name = *row[2];
        key.columns = {*row[3]};
        key.referenced = {schema_of(row[4], row[10]), *row[5]};
        key.referenced_columns = {*row[6]};
        key.on_update = rule_of(row[7]);
        key.on_delete = rule_of(row[8]);
        ForeignKey back = key;
        back.referenced = {schema_of(row[0], row[9]), *row[1]};
        std::swap(back.columns, back.referenced_columns);
        if (row[9] == "1") {
            add_key_column(found.outgoing[*row[1]], key);
        }
        if (row[10] == "1") {
            add_key_column(found.incoming[*row[5]], back);
        }
    }
    return found;
}

} // namespace sluice
