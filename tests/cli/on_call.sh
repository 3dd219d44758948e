#!/usr/bin/env bash
# What somebody on call does to a backfill that runs, from another process: on_call.sh sqlite|postgresql|mysql
# shellcheck source=tests/cli/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
open_database "$1"
items
bumping 50 20ms
me="$(id -un)@$(hostname)"

counters() { sluice show 1 --json >counters.json && json_in counters.json '$.run.rows_changed' && json_in counters.json '$.run.batches' && json_in counters.json '$.run.ranges[0].cursor[0]'; }

# --- nobody waits for a reader
start_apply --reason "release 42"
wait_until has_changed 200
check "status can be read while a backfill runs, and says that something is unfinished" run 1 status --json
check "status is JSON" is_json out
check "status names the holder" equal "$(json_in out '$.holder.pid')" "$worker"
check "runs can be read while a backfill runs" run 0 runs --json
check "runs is JSON" is_json out
check "a run shows its progress" [ "$(json_in out '$.runs[0].rows_changed')" -ge 200 ]
check "show can be read while a backfill runs" run 0 show 1 --json
check "show is JSON" is_json out
check "show tells people, too" run 0 show 1
check "show names who works" says_in out "worker on $(hostname) (pid $worker) until "

# --- pause
check "pause is answered at once" run 0 pause --reason "evening peak"
before=$(rows_done)
check "pause tells the way on" says_in out "sluice resume 1"
wait_until run_is paused
after=$(rows_done)
check "pause acts within one batch" at_most $((after - before)) 50
counted=$(counters)
sleep 0.5
check "a paused run changes nothing" equal "$(rows_done)" "$after"
check "a paused run's counters and cursor rest" equal "$(counters)" "$counted"
check "the counters say what is in the table" equal "$(field rows_changed)" "$after"
check "a paused run is shown as paused" run 0 runs
check "runs says so" says_in out "paused"
check "a paused run lets go of its range" run 0 show 1
check "show names no worker then" says_not_in out "worker on"
check "a second pause says what there is to do" run 64 pause
check "and names the run" says_in err "run 1 is paused"

# --- set
check "set is answered at once" run 0 set 1 batch_rows=70 sleep=10ms duty=0.9 --reason "quieter now"
check "set shows the new pace" equal "$(field pace.batch_rows) $(field pace.sleep_ms) $(field pace.duty)" "70 10 0.9"
rows=$(field rows_changed) batches=$(field batches)
check "resume is answered at once" run 0 resume --reason "peak is over"
check "resume says that it goes on" says_in out "run 1 goes on"
wait_until has_batches $((batches + 3))
sluice show 1 --json >now.json
check "each batch after the pause has the new size" equal \
    "$(($(json_in now.json '$.run.rows_changed') - rows))" "$((70 * ($(json_in now.json '$.run.batches') - batches)))"
check "set is taken while the run works" run 0 set batch_rows=40
sluice show 1 --json >first.json
wait_until has_batches $(($(json_in first.json '$.run.batches') + 4))
sluice show 1 --json >now.json
rows=$(($(json_in now.json '$.run.rows_changed') - $(json_in first.json '$.run.rows_changed')))
batches=$(($(json_in now.json '$.run.batches') - $(json_in first.json '$.run.batches')))
check "at most one batch after set has the old size" at_most $((rows - 40 * batches)) 30
check "a setting that makes no sense is refused" run 64 set batch_rows=0
check "a setting that is not known is refused with the nearest" run 64 set batch_row=3
check "the nearest is named" says_in err batch_rows
check "a refused setting changes nothing" equal "$(field pace.batch_rows)" 40

# --- throttle
touch hold
check "a rule is set while the run works" run 0 set 1 "throttle.flag_files=$PWD/hold" --reason "the shop is slow"
check "set shows it" says_in out "flag_files=$PWD/hold"
is_throttled() { sluice why 1 >why.out; grep -qF "$PWD/hold" why.out; }
wait_until is_throttled
done_rows=$(rows_done)
check "show lists the rules" run 0 show 1
check "as set takes them" says_in out "flag_files=$PWD/hold"
check "for machines, too" equal "$(field throttle.flag_files[0])" "$PWD/hold"
check "the ledger knows" grep -Eq "set +run 1 .*the shop is slow" <(sluice log)
check "a rule that is not known is refused with the nearest" run 64 set 1 throttle.replica_lagg=5s
check "the nearest rule is named" says_in err 'Did you mean "replica_lag"?'
check "a value that makes no sense is refused" run 64 set 1 throttle.window=always
check "a rule that this engine cannot obey is refused" run 2 set 1 throttle.free_disk=1B "throttle.$([ "$engine" = sqlite ] && echo dead_tuples=1 || echo wal_size=1MB)"
check "the one that it could obey was not taken either" run 0 show 1
check "so" says_not_in out free_disk
check "a worker that is throttled changes nothing" equal "$(rows_done)" "$done_rows"
check "a rule is taken away" run 0 set 1 throttle.flag_files=off
wait_until has_changed $((done_rows + 100))

# --- cancel
check "cancel is answered at once" run 0 cancel --reason "wrong week"
check "apply ends with the code of a cancelled run" apply_ends_with 1
check "apply says that the checkpoint is kept" says_in apply.out "the checkpoint is kept"
check "apply says how to go on" says_in apply.out "sluice resume, then sluice apply"
done_rows=$(rows_done)
check "the run is cancelled" run_is cancelled
check "the checkpoint stands where the rows end" equal "$(field 'ranges[0].cursor[0]')" "$done_rows"
check "not everything was done when it was cancelled" [ "$done_rows" -lt "$item_rows" ]
check "apply refuses a cancelled run" run 3 apply
check "and says who said so, and how to go on" says_in err "sluice resume 1"
check "a refused apply changes nothing" equal "$(rows_done)" "$done_rows"

# --- with no worker alive
check "resume works with no worker alive" run 0 resume
check "and says that nobody works" says_in out "no worker is alive: sluice apply or sluice work starts one"
check "pause works with no worker alive" run 0 pause
check "and says that the run is paused" says_in out "run 1 is paused"
start_apply
worker_sees_pause() { run_is paused && grep -qF "waits: paused" apply.out; }
wait_until worker_sees_pause
check "the next worker waits" equal "$(rows_done)" "$done_rows"
sluice watch >watch.out 2>watch.err &
watcher=$!
child "$watcher"
check "a worker that waits is let go on" run 0 resume
check "pace for the rest" run 0 set batch_rows=1000 sleep=0ms
check "the rest is done" apply_ends_with 0
check "every row was done exactly once" rows_right
wait_until has_ended "$watcher"
check "watch ends by itself" wait "$watcher"
check "watch prints plain lines in a pipe" says_not_in watch.out $'\x1b'
check "watch shows the end" says_in watch.out "done"
check "pausing what has ended is refused" run 3 pause 1
check "and says why" says_in err "run 1 is done"

# --- who did it
check "log lists" run 0 log
cp out log.out
for what in "pause .*evening peak" "resume .*peak is over" "set .*quieter now" "cancel .*wrong week" "apply .*release 42"; do
    check "log shows who, and why: $what" grep -Eq "$me +$what" log.out
done
check "log narrows to one run" run 0 log "run 1"
check "only that run" says_not_in out "migration "

# --- unlock: the holder was killed on a machine that is not this one
bumping 50 20ms 20260102000000
start_apply
at_work() { [ "$(sql "SELECT count(*) FROM item WHERE n = id + 2")" -ge 100 ]; }
wait_until at_work
kill_worker
sql "UPDATE $(state_table lease) SET owner = 'carol', host = 'elsewhere', process_start = 'another-boot:pid:[1]:77', expires_at = '2099-01-01T00:00:00.000Z'"
check "a holder on another machine is not taken for dead" run 4 apply
check "and is named" says_in err "carol on elsewhere (pid $worker"
check "unlock wants a reason" run 64 unlock
check "unlock breaks the lease" run 0 unlock --reason "its machine is gone"
check "unlock shows whose it was" says_in out "carol@elsewhere (pid $worker)"
check "the log shows whose it was" run 0 log
check "who broke it, whose it was, and why" grep -Eq "$me +unlock .*carol@elsewhere/$worker.*its machine is gone" out
check "unlock of what nobody holds is harmless" run 0 unlock --reason "to be sure"
check "unlock says so" says_in out "nobody holds"
sluice set 2 batch_rows=1000 sleep=0ms >/dev/null
check "the work goes on after unlock" run 0 apply
check "every row was done exactly twice" equal "$(sql "SELECT count(*) FROM item WHERE n = id + 2")" "$item_rows"
finish
