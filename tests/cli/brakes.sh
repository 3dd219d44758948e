#!/usr/bin/env bash
# Holds, the brake, and runs that failed: brakes.sh sqlite|postgresql|mysql
# shellcheck source=tests/cli/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
open_database "$1"
items
bumping 50 20ms
me="$(id -un)@$(hostname)"
waits_for() { [[ $(field wait_reason) == *"$1"* ]]; }

# --- hold
start_apply
wait_until has_changed 100
check "hold is answered at once" run 0 hold --for 1h --reason "the backup"
check "it tells how to end it" says_in out "sluice resume 1 ends that early"
wait_until waits_for "held until"
held=$(rows_done)
check "a held run lets go of its range" equal "$(field 'ranges[0].lease_expires')" ""
for command in runs "show 1" status; do
    # shellcheck disable=SC2086 # a command and its argument
    sluice $command >out
    check "$command says held" says_in out "held"
    check "$command says why" says_in out "the backup"
done
check "show --json tells until when" [ -n "$(field hold_until)" ]
check "nothing was changed meanwhile" equal "$(rows_done)" "$held"
check "resume ends a hold" run 0 resume --reason "the backup is done"
check "it goes on" says_in out "run 1 goes on"
wait_until has_changed $((held + 50))
check "a hold ends by itself" run 0 hold --for 300ms
held=$(rows_done)
wait_until has_changed $((held + 100))
check "a hold of nothing is no hold" run 0 hold --for 0
check "hold wants to know how long" run 64 hold
check "a time without a unit is refused" run 64 hold --for 10

# --- the brake
check "stop-all wants a reason" run 64 stop-all
check "stop-all is answered at once" run 0 stop-all --reason "the disk is full"
before=$(rows_done)
wait_until waits_for "all runs are stopped: the disk is full"
stopped=$(rows_done)
check "it acts within one batch" at_most $((stopped - before)) 50
for command in runs "show 1" status; do
    # shellcheck disable=SC2086 # a command and its argument
    sluice $command >out
    check "$command begins with the brake" grep -q "^all runs are stopped by $me since .*: the disk is full" <(head -1 out)
done
check "runs --json tells" equal "$(sluice runs --json >out; json_in out '$.brake.reason')" "the disk is full"
check "a second brake changes nothing" run 0 stop-all --reason "me too"
check "it says who was first" says_in out "were already stopped by $me"
check "resume does not release it" run 0 resume 1
check "it says what would" says_in out "sluice stop-all --release"
check "nothing was changed meanwhile" equal "$(rows_done)" "$stopped"
kill_worker
start_apply
waits_from_the_start() { grep -qF "waits: all runs are stopped" apply.out; }
wait_until waits_from_the_start
check "a worker that begins later is stopped, too" equal "$(rows_done)" "$stopped"
check "release" run 0 stop-all --release --reason "there is space again"
check "it says so" says_in out "all runs may go on"
run 0 set 1 batch_rows=1000 sleep=0ms
check "the rest is done" apply_ends_with 0
check "every row was done exactly once" rows_right
check "a release of nothing says so" run 0 stop-all --release
check "so" says_in out "nothing was stopped"
check "the ledger knows" run 0 log
for what in "hold +run 1 .*the backup" "resume +run 1 .*the backup is done" "stop-all +all runs .*the disk is full" "release +all runs .*there is space again"; do
    check "who, and why: $what" grep -Eq "$me +$what" out
done

# --- the brake, asked for by a person
asked() { # asked KEYS [OPTION]: at a terminal, the answer given once it asks
    rm -f keys
    mkfifo keys
    : >asked.out
    script -qfec "'$SLUICE_PROGRAM' stop-all ${2:-} --reason 'a person'; echo ended with \$?" asked.out <keys >/dev/null 2>&1 &
    local asking=$!
    child "$asking"
    exec 3>keys
    [ -n "${2:-}" ] || wait_until grep -qF "Type yes: " asked.out
    printf '%b' "$1" >&3
    wait_until has_ended "$asking"
    exec 3>&-
}
is_stopped() { [ "$(sluice runs --json >out; json_in out '$.brake.reason')" = "a person" ]; }
for answer in 'no\n' '\n' 'yes, but\n' '\004'; do
    asked "$answer"
    check "stop-all stops nothing where the answer is: $answer" says_in asked.out "nothing was stopped"
    check "and is refused" says_in asked.out "ended with 3"
    check "so" equal "$(is_stopped && echo stopped)" ""
done
asked 'yes\n'
check "yes stops all" says_in asked.out "ended with 0"
check "so" is_stopped
run 0 stop-all --release
asked '' --yes
check "--yes does not ask" says_not_in asked.out "Type yes"
check "and stops all" is_stopped
run 0 stop-all --release

# --- a run that failed
sql "CREATE TABLE picky (id integer NOT NULL PRIMARY KEY, n integer NOT NULL, CHECK (n < 1000))"
fill picky 60 "i, CASE i WHEN 50 THEN 999 ELSE i END"
file 20260102000000_picky.toml <<'TOML'
[[backfill]]
table = "picky"
set   = { n = "n + 1" }
once  = true

[pace]
batch_rows = 10
sleep      = "0ms"
TOML
check "a row that cannot be changed fails the run" run 2 apply
check "status says so" run 1 status
check "so" says "failed: "
check "resume of a run that failed is refused" run 3 resume 2
check "it says why" says_in err "run 2 has failed: "
check "it names the command" says_in err "sluice retry 2"
check "without a number, too" run 3 resume
sql "UPDATE picky SET n = 50 WHERE id = 50"
check "retry" run 0 retry --reason "row 50 was mended"
check "it says what starts a worker" says_in out "no worker is alive: sluice apply or sluice work starts one"
check "the error is gone" equal "$(sluice show 2 --json >out; json_in out '$.run.last_error')" ""
check "retry of a run that has not failed is refused" run 3 retry 2
check "status has forgotten the failure" run 1 status
check "so" says_not failed
"$SLUICE_PROGRAM" work >work.out 2>&1 </dev/null &
worker=$!
child "$worker"
second_is_done() { [ "$(sluice show 2 --json >out; json_in out '$.run.state')" = done ]; }
wait_until second_is_done
kill_worker
check "also once a worker has finished the run" run 1 status
check "so" says_not failed
check "ensure waits for it" run 1 ensure --timeout 0s
check "apply goes on from the checkpoint" run 0 apply
check "every row was done exactly once" equal "$(sql "SELECT count(*) FROM picky WHERE n = id + 1")" 60
check "the ledger knows of the retry" grep -Eq "$me +retry +run 2 .*row 50 was mended" <(sluice log)

# --- a signal
cat >sluice.toml <<TOML
[env.watched]
url = "env:SLUICE_URL"

[env.watched.throttle]
flag_files = ["$PWD/hold"]
TOML
touch hold
bumping 1000 0ms 20260103000000
start_apply --env watched
held_by_flag() { ! sluice why 3 >why.out && grep -qF "flag file $PWD/hold is there (since " why.out; }
check "why names the signal that holds, and since when" wait_until held_by_flag
sluice runs >out
check "runs names it" says_in out "throttled by flag file $PWD/hold"
check "nothing was changed meanwhile" equal "$(sql "SELECT count(*) FROM item WHERE n = id + 2")" 0
rm hold
check "it goes on when the flag is gone" apply_ends_with 0
check "every row was done exactly once" equal "$(sql "SELECT count(*) FROM item WHERE n = id + 2")" $item_rows
finish
