#include "support/sample_plans.h"

#include "sluice/migration/reader.h"
#include "sluice/migration/template.h"

#include <algorithm>

namespace sluice::test {

const std::vector<SamplePlan>& sample_plans()
{
    static const std::vector<SamplePlan> all{
        {"add_column",
         "add_column",
         {{"table", "customers"},
          {"column", "locale"},
          {"type", "varchar(10)"},
          {"nullable", "false"},
          {"default", "'en'"}}},
        {"add_column_up",
         "add_column",
         {{"table", "customers"},
          {"column", "email_lower"},
          {"type", "varchar(50)"},
          {"nullable", "false"},
          {"default", "''"},
          {"up", "lower(email)"}}},
        {"rename_column",
         "rename_column",
         {{"table", "customers"}, {"from", "user_name"}, {"to", "username"}}},
        {"rename_column_unique",
         "rename_column",
         {{"table", "customers"}, {"from", "email"}, {"to", "mail"}}},
        {"change_column",
         "change_column",
         {{"table", "customers"}, {"column", "credit"}, {"type", "decimal(12,2)"}}},
        {"change_column_up_down",
         "change_column",
         {{"table", "customers"},
          {"column", "visits"},
          {"type", "bigint"},
          {"up", "visits * 1000"},
          {"down", "visits / 1000"},
          {"up_ok", "visits >= 0"}}},
        {"change_column_not_null",
         "change_column",
         {{"table", "customers"}, {"column", "city"}, {"nullable", "false"}}},
        {"drop_column", "drop_column", {{"table", "customers"}, {"column", "visits"}}},
        {"drop_column_down",
         "drop_column",
         {{"table", "customers"},
          {"column", "user_name"},
          {"down", "lower(email)"},
          {"undo_fill", "'nobody'"}}},
        {"set_not_null", "set_not_null", {{"table", "customers"}, {"column", "city"}}},
        {"drop_not_null", "drop_not_null", {{"table", "customers"}, {"column", "user_name"}}},
        {"add_index",
         "add_index",
         {{"table", "customers"}, {"name", "customers_credit"}, {"column", "credit DESC"}}},
        {"add_index_unique",
         "add_index",
         {{"table", "customers"},
          {"name", "customers_user"},
          {"column", "user_name"},
          {"unique", "true"}}},
        {"drop_index",
         "drop_index",
         {{"table", "customers"}, {"name", "customers_city_user_name"}}},
        {"drop_index_unique", "drop_index", {{"table", "customers"}, {"name", "customers_email"}}},
        {"add_check",
         "add_check",
         {{"table", "customers"}, {"name", "customers_visits"}, {"check", "visits >= 0"}},
         {"mysql"}},
        {"add_foreign_key",
         "add_foreign_key",
         {{"table", "orders"},
          {"name", "orders_buyer"},
          {"column", "customer_id"},
          {"references", "customers"},
          {"on_delete", "CASCADE"}}},
        {"add_unique",
         "add_unique",
         {{"table", "customers"}, {"name", "customers_user"}, {"column", "user_name"}}},
        {"drop_constraint", "drop_constraint", {{"table", "orders"}, {"name", "orders_customer"}}},
        {"rename_constraint",
         "rename_constraint",
         {{"table", "orders"}, {"from", "orders_customer"}, {"to", "orders_buyer"}}},
        {"purge_rows", "purge_rows", {{"table", "orders"}, {"where", "note = 'old'"}}},
        {"create_table",
         "create_table",
         {{"table", "invoices"}, {"column", "customer"}, {"type", "varchar(100)"}}},
        {"drop_table", "drop_table", {{"table", "notes"}}},
        {"rename_table", "rename_table", {{"table", "notes"}, {"to", "remarks"}}, {"sqlite"}},
        {"copy_table",
         "copy_table",
         {{"table", "notes"},
          {"to", "remarks"},
          {"column", "words"},
          {"type", "varchar(200)"},
          {"value", "coalesce(text, '')"},
          {"old", "text"},
          {"down", "nullif(words, '')"}}},
        {"change_primary_key",
         "change_primary_key",
         {{"table", "tickets"}, {"column", "id"}, {"type", "bigint"}},
         {"sqlite"}},
        {"split_column",
         "split_column",
         {{"table", "customers"},
          {"column", "visits"},
          {"first", "visits_ones"},
          {"first_type", "bigint"},
          {"first_up", "visits % 10"},
          {"second", "visits_tens"},
          {"second_type", "bigint"},
          {"second_up", "visits - visits % 10"},
          {"down", "visits_tens + visits_ones"}}},
        {"merge_columns",
         "merge_columns",
         {{"table", "customers"},
          {"first", "credit"},
          {"second", "visits"},
          {"into", "score"},
          {"type", "bigint"},
          {"up", "coalesce(credit, 0) * 1000 + visits"},
          {"first_down", "(score - score % 1000) / 1000"},
          {"second_down", "score % 1000"}}},
        {"change_enum",
         "change_enum",
         {{"table", "customers"}, {"column", "status"}, {"values", "new,old"}},
         {"postgresql", "mysql", "sqlite"}},
        {"backfill",
         "backfill",
         {{"table", "customers"},
          {"column", "city"},
          {"value", "upper(city)"},
          {"where", "city <> upper(city)"}}},
        {"sql",
         "sql",
         {{"table", "customers"},
          {"column", "first_name"},
          {"type", "varchar(50)"},
          {"value", "lower(full_name)"},
          {"drop", "visits"}}}};
    return all;
}

std::vector<SamplePlan> sample_plans_for(std::string_view engine)
{
    std::vector<SamplePlan> plans = sample_plans();
    std::erase_if(plans, [engine](const SamplePlan& plan) {
        return std::find(plan.refused_on.begin(), plan.refused_on.end(), engine) !=
               plan.refused_on.end();
    });
    return plans;
}

Migration migration_of(const SamplePlan& sample)
{
    return parse_migration(fill_template(find_template(sample.kind), sample.values),
                           "migrations/20261121093000_" + sample.name + ".toml");
}

} // namespace sluice::test
