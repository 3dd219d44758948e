#!/usr/bin/env bash
# Every command for machines, over the life of the worked series: series.sh sqlite|postgresql|mysql
# shellcheck source=tests/cli/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
open_database "$1"

shop() { # the shop that the worked series changes, with a few hundred rows
    sql "$(cat "$repository/migrations/shop.sql")"
    local k values="" tracks="" invoices=""
    for ((k = 1; k <= 300; ++k)); do
        values+="${values:+,}($k, 'user$k', 'First$k Last$k', 'U$k@example.com', 'Company $k', 'NO', '$((k % 2))', '2026-01-01')"
        invoices+="${invoices:+,}($k, $k, $k.25, '2026-02-01')"
        tracks+="${tracks:+,}(1, $k, NULL)"
    done
    sql "INSERT INTO customers VALUES $values"
    sql "INSERT INTO invoices VALUES $invoices"
    sql "INSERT INTO playlist_track VALUES $tracks"
}

has_column() { [ "$(sql "SELECT count($2) FROM $1" 2>/dev/null)" -gt 0 ] 2>/dev/null; } # has_column TABLE COLUMN
# SQLite takes an unknown name in double quotes for a text, and so nothing here is quoted.
has_no_column() { ! sql "SELECT count($2) FROM $1" >/dev/null 2>&1; }

# --- templates
shop
new_one() { run 0 new "$@" && cp out new.path; }
try_template() { # try_template KIND KEY=VALUE…: written, planned, and taken away again
    check "new $1 writes a file" new_one "$@"
    check "plan takes what new $1 wrote" run 0 plan
    check "it is the file of new $1" says_in out "$(basename "$(cat new.path)" .toml)"
    check "plan --json of $1" json_from 0 plan
    rm -f "$(cat new.path)"
}
down_of_total="total / 100"
if [ "$engine" = sqlite ]; then total_type="INTEGER"; else total_type="bigint"; fi
try_template add_column table=customers column=locale "type=varchar(10)"
try_template add_column table=customers column=locale "type=varchar(10)" nullable=false "default='en'" "summary=a locale" owner=accounts
try_template add_column table=customers column=email_lower "type=varchar(255)" "up=lower(email)" "up_ok=email <> ''"
try_template rename_column table=customers from=user_name to=username
try_template change_column table=customers column=email nullable=false "up=coalesce(email, '')" "down=email"
try_template change_column table=invoices column=total "type=$total_type" "up=total * 100" "down=$down_of_total" "up_ok=total BETWEEN 0 AND 1000" "down_ok=total BETWEEN 0 AND 100000"
try_template drop_column table=customers column=fax
try_template drop_column table=customers column=fax "down=''" "undo_fill=''"
try_template sql table=customers column=first_name "type=varchar(200)" "value=lower(full_name)"
try_template sql table=customers column=first_name "type=varchar(200)" "value=lower(full_name)" drop=full_name
try_template backfill table=customers column=email "value=lower(email)" "where=email <> lower(email)"
check "new --json" json_from 0 new drop_column table=customers column=fax
rm -f migrations/*.toml

# --- the whole life of a series
cp "$repository"/migrations/*.toml migrations/
check "status --json before anything" json_from 1 status
check "plan --json" json_from 0 plan
check "runs --json before anything" json_from 0 runs
check "watch --json before anything" json_from 0 watch
run 0 log --json
check "log --json before anything" equal "$(cat err)" ""
check "expand --json" json_from 0 expand customers_username
check "migrate --json" json_from 0 migrate customers_username
check "apply --json" json_from 0 apply --reason "the worked series"
check "status --json at the end" json_from 0 status
check "apply --json with nothing to do" json_from 0 apply
check "show RUN --json" json_from 0 show 1
check "show MIGRATION --json" json_from 0 show customers_username
check "show of what is not there, --json" json_error 64 show 77
check "both that it could be are named" equal "$(json_in err '$.error.message')" 'there is no run 77, and no migration is called "77"'
check "runs --json" json_from 0 runs
check "log --json" json_from 0 log
check "watch --json" json_from 0 watch
check "unlock --json" json_from 0 unlock --reason "to be sure"
check "unlock without a reason, --json" json_error 64 unlock
check "set of a run that has ended, --json" json_error 64 set batch_rows=10
check "pause of a run that has ended, --json" json_error 3 pause 1
check "a migration that is not there, --json" json_error 64 contract no_such_migration
check "several migrations may be meant, --json" json_error 64 contract
check "a database that is not there, --json" json_error 2 status --url "postgresql://nobody:nothing@127.0.0.1:1/none"

check "both names work until contract" has_column customers user_name
check "the new name works" has_column customers username
check "verify --json" json_from 0 verify customers_username
check "contract --json" json_from 0 contract customers_username
check "the old name is gone" has_no_column customers user_name
check "what was contracted can come back" run 0 rollback customers_username --reason "errors rose"
check "the old name is back" has_column customers user_name
check "with every value" equal "$(sql "SELECT count(*) FROM customers WHERE user_name = username")" 300
check "after going back, the gate wants to see the rows again" run 3 contract customers_username
check "verify" run 0 verify customers_username
check "contract once more" run 0 contract customers_username
check "rollback is offered until purge" says_in out "sluice rollback"
check "purge --json" json_from 0 purge customers_username
check "there is no way back from purge" run 3 rollback customers_username
check "rollback says why" says_in err "purge"
check "every row is there" equal "$(sql "SELECT count(*) FROM customers WHERE username LIKE 'user%'")" 300
check "contract the dropped column" run 0 contract customers_fax
check "it is gone" has_no_column customers fax
check "rollback --json" json_from 0 rollback customers_fax
check "it is back" has_column customers fax
check "with its values" equal "$(sql "SELECT count(*) FROM customers WHERE fax = '1'")" 150
check "a step further back: pending" run 0 rollback customers_fax
check "the file is pending" run 1 status
check "status says so" grep -Eq "^pending +20261121095000" out
finish
