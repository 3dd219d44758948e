#!/usr/bin/env bash
# What would hurt the backfills that are to come is found, and said with what helps: doctor.sh sqlite|postgresql|mysql
# shellcheck source=tests/cli/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
open_database "$1"
items
[ "$engine" != postgresql ] || sql "ANALYZE item"
bumping 50 0ms

# Other tests may have something open on the same server for a while.
healthy() { sluice doctor >out 2>err; }
wait_until healthy
cp out output
check "where nothing is wrong, that is said" says_in out "nothing was found"
check "and nothing is changed" without_state
healthy_json() { sluice doctor --json >out 2>err; }
wait_until healthy_json
check "for machines too" equal "$(json_in out '$.findings')" "[]"

sql "CREATE INDEX item_n ON item (n)"
check "an index on a column that is written is a finding" run 1 doctor
check "which is named" says_in out 'index "item_n" of table'
check "with why it hurts" says_in out "why: every changed row is written to the index"
check "and what helps" says_in out "do:  make the index after the backfill"
check "as JSON" json_from 1 doctor
check "by its level" [ -n "$(json_in out '$.findings[0].level')" ]
finding() { sqlite3 :memory: "SELECT json_extract(value, '\$.$2') FROM json_each(CAST(readfile('out') AS TEXT), '\$.findings') WHERE json_extract(value, '\$.check') = '$1'"; } # finding CHECK FIELD
check "by its name" equal "$(finding index_on_target level)" warning
check "with all that it says" [ -n "$(finding index_on_target found)$(finding index_on_target harm)$(finding index_on_target remedy)" ]

file 2_broken.toml <<END
[[backfill]]
table = "no_such_table"
set   = { n = "1" }
where = "n IS NULL"
END
check "what cannot be planned is a finding" run 1 doctor --json
check "that names the migration" [ "$(finding unplanned level)" = note ]
rm migrations/2_broken.toml

if [ "$engine" = sqlite ]; then
    sql "PRAGMA journal_mode = DELETE" >/dev/null
    check "a rollback journal is told of before it is gone" run 1 doctor
    check "by its name" says_in out "rollback journal"
fi
check "an age that is none is refused" run 64 doctor --older-than soon
run 0 apply --quiet
sql "DROP INDEX item_n$([ "$engine" != mysql ] || echo " ON item")"
[ "$engine" != postgresql ] || sql "VACUUM ANALYZE item"
wait_until healthy
check "nothing is pending, nothing is looked at" says_in out "nothing was found"
finish
