#!/usr/bin/env bash
# Why a run does not move, a pipeline that waits for it, a cursor moved by hand, rows set aside: repair.sh sqlite|postgresql|mysql
# shellcheck source=tests/cli/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
open_database "$1"
items
bumping 50 20ms
me="$(id -un)@$(hostname)"

# --- ensure, with nobody at work
check "ensure of a migration that is not there" run 64 ensure nothing
check "ensure gives up at its deadline" run 1 ensure --timeout 0s
check "it says what it waits for" says_in out "20260101000000 bump (pending); no worker is alive"
check "it says what helps" says_in out "next: sluice apply"
check "ensure --json" json_from 1 ensure --timeout 0s

# --- why and ensure, while it works
start_apply
wait_until has_changed 100
works() { sluice why >why.out && grep -qF "nothing: it works, last batch" why.out; }
check "a run that works has nothing to explain" wait_until works
check "why --json" json_from 0 why
told() { grep -qF "$1" ensure.out; }
start_ensure() { : >ensure.out; "$SLUICE_PROGRAM" ensure >ensure.out 2>ensure.err & waiter=$!; child "$waiter"; }
start_ensure
wait_until told "run 1 running"
kill -INT "$waiter"
wait_until has_ended "$waiter"
wait "$waiter"
check "Ctrl-C ends ensure" equal "$?" 130
check "and leaves the run alone" wait_until works
start_ensure
wait_until told "run 1 running"
run 0 pause --reason "evening peak"
wait_until has_ended "$waiter"
wait "$waiter"
check "ensure ends when somebody pauses the run" equal "$?" 3
check "it says who, and why" says_in ensure.out "run 1: paused by $me: evening peak"
check "it says what helps" says_in ensure.out "next: sluice resume 1"
wait_until run_is paused
check "why says who paused it" run 1 why 1
check "and the reason, and what helps" says "paused by $me: evening peak (since " "next: sluice resume 1"
run 0 resume
check "hold" run 0 hold --for 1h --reason "the backup"
check "why says who holds it" run 1 why
check "so" says "held until " "by $me: the backup"
check "ensure does not wait for a hold" run 3 ensure bump
run 0 resume
run 0 stop-all --reason "disk full"
check "why says who stopped all" run 1 why
check "so, and what helps" says "all runs are stopped by $me: disk full" "next: sluice stop-all --release"
check "ensure does not wait for the brake" run 3 ensure
run 0 stop-all --release
run 0 pause
wait_until run_is paused
kill_worker
check "why says that nobody works" run 1 why
check "so, and what helps" says "no worker is alive; the last one" "next: sluice apply"

# --- seek
start=$(field 'ranges[0].cursor[0]')
check "seek wants a reason" run 64 seek 1 --range 1 --from "$start" --to 19000
run 0 resume
check "seek wants the run to rest" run 3 seek 1 --range 1 --from "$start" --to 19000 --reason test
check "it says what helps" says_in err "sluice pause 1"
run 0 pause
check "seek moves from where it was seen, only" run 3 seek 1 --range 1 --from 7 --to 19000 --reason test
check "it says where the cursor is" says_in err "is at [\"$start\"], not at [\"7\"]"
check "not beyond the range" run 3 seek 1 --range 1 --from "$start" --to 20001 --reason test
check "it says where the range ends" says_in err "from [] to [\"20000\"]"
lease_until() { sql "UPDATE $(state_table range) SET lease_owner = 'carol@elsewhere/7/another-boot:pid:[1]:77', lease_token = '$1', lease_expires = '$2' WHERE ordinal = 1"; }
lease_until theirs 2099-01-01T00:00:00.000Z
check "not while a worker has the range" run 3 seek 1 --range 1 --from "$start" --to 19000 --reason test
check "it says who" says_in err "range 1 of run 1 is leased by carol@elsewhere"
lease_until "" ""
check "work that is done once is not done twice" run 3 seek 1 --range 1 --from "$start" --to 1 --reason test
check "no range, no seek" run 64 seek 1 --range 9 --from "$start" --to 19000 --reason test
check "a key that is none" [ "$(sluice seek 1 --range 1 --from "$start" --to x --reason test >/dev/null 2>&1; echo $?)" -ne 0 ]
check "nothing was moved" equal "$(field 'ranges[0].cursor[0]')" "$start"
check "seek moves the cursor" run 0 seek 1 --range 1 --from "$start" --to 19000 --reason "archived rows"
check "the cursor is there" equal "$(field 'ranges[0].cursor[0]')" 19000
check "the ledger knows" grep -Eq "$me +seek +run 1 .*19000.*archived rows" <(sluice log)
run 0 resume
run 0 apply
check "the rows between were left alone" equal "$(rows_done)" $((start + 1000))
check "ensure is content" run 0 ensure
check "so" says_in out "everything is migrated"
check "why of a run that is done" run 0 why 1
check "so" says_in out "nothing: it is done"

# --- rows that cannot be changed
sql "CREATE TABLE picky (id integer NOT NULL PRIMARY KEY, n integer NOT NULL, CHECK (n < 1000))"
fill picky 60 "i, CASE i WHEN 50 THEN 999 WHEN 60 THEN 999 ELSE i END"
file 20260102000000_picky.toml <<'TOML'
[[backfill]]
table = "picky"
set   = { n = "n + 1" }
once  = true

[pace]
batch_rows = 20
batch_max  = 20
sleep      = "0ms"
TOML
check "a row that cannot be changed fails the run" run 2 apply
check "it names the row" says 'row ["50"] of table "' 'picky" fails: '
check "and what helps" says "sluice set 2 bad_rows=10" "sluice retry 2"
check "the rows before it are done" equal "$(sql "SELECT count(*) FROM picky WHERE n = id + 1")" 49
check "why says so, and what helps" run 1 why 2
check "so" says 'failed: row ["50"]' "then sluice retry 2"
check "ensure says so, too" run 2 ensure
check "so" says 'run 2: failed: row ["50"]' "then sluice retry 2"
check "no run with bad rows" run 64 quarantine list
check "set allows bad rows" run 0 set 2 bad_rows=1
check "it says so" says_in out "bad_rows=1"
run 0 retry 2
check "one more than is allowed fails the run again" run 2 apply
check "it says how many there are" says 'row ["60"]' "1 row is set aside already, 1 allowed"
check "and what shows them" says "sluice set 2 bad_rows=11" "sluice quarantine list 2"
run 0 set 2 bad_rows=5
run 0 retry 2
check "the rest is done" run 0 apply
check "quarantine lists" run 0 quarantine list
check "both" says '["50"]' '["60"]' "open"
check "quarantine list --json" json_from 0 quarantine list 2
check "the gate is shut" run 3 contract picky
check "it says what helps" says "no bad rows are open" "sluice quarantine list 2"
check "why counts them" run 1 why 2
check "so" says "2 rows could not be changed, 5 allowed"
check "a retry that fails again says so" run 1 quarantine retry 2 --key 50
check "it counts the try" equal "$(sluice quarantine list 2 --json >out; json_in out '$.bad_rows[0].tries')" 2
check "and changes nothing" equal "$(sql "SELECT n FROM picky WHERE id = 50")" 999
sql "UPDATE picky SET n = 50 WHERE id = 50"
check "once mended it is done" run 0 quarantine retry 2 --key '["50"]'
check "exactly once" equal "$(sql "SELECT n FROM picky WHERE id = 50")" 51
check "a second retry finds nothing" run 64 quarantine retry 2 --key 50
check "it is still done once" equal "$(sql "SELECT n FROM picky WHERE id = 50")" 51
check "waive wants a reason" run 64 quarantine waive 2 --key 60
check "waive wants a key" run 64 quarantine waive 2 --reason test
check "waive" run 0 quarantine waive 2 --key 60 --reason "a test account"
check "the row stays as it is" equal "$(sql "SELECT n FROM picky WHERE id = 60")" 999
check "the gate is open" run 0 contract picky
check "the ledger knows" run 0 log "run 2"
check "the retry" grep -Eq "$me +retry row +run 2 +\\[\"50\"\\] -> retried" out
check "the waiver" grep -Eq "$me +waive +run 2 +\\[\"60\"\\] -> waived +a test account" out
finish
