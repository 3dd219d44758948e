#!/usr/bin/env bash
# What a backfill leaves behind when it is told to end, or is killed: signals.sh sqlite|postgresql|mysql
# shellcheck source=tests/cli/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
open_database "$1"
items
bumping 50 20ms

# --- the two signals that ask
done_before=0
for signal in INT TERM; do
    # A process in the background of a script ignores SIGINT; the program has to take it nevertheless.
    start_apply
    wait_until has_changed $((done_before + 200))
    kill -s "$signal" "$worker"
    check "SIG$signal ends apply with its own exit code" apply_ends_with 130
    check "SIG$signal: the program says that it has understood" says_in apply.err "finishing what is under way"
    check "SIG$signal: the checkpoint is kept" says_in apply.out "the checkpoint is kept"
    check "SIG$signal: the way on is named" says_in apply.out "sluice apply"
    check "SIG$signal: the way back is named" says_in apply.out "sluice rollback"
    done_before=$(rows_done)
    check "SIG$signal: the cursor stands where the rows end" equal "$(field 'ranges[0].cursor[0]')" "$done_before"
    check "SIG$signal: the counter says what is in the table" equal "$(field rows_changed)" "$done_before"
    check "SIG$signal: nobody holds the database any more" run 1 status --json
    check "SIG$signal: status names no holder" equal "$(json_in out '$.holder')" ""
done

# --- machines are told, too
start_apply --json
wait_until has_changed $((done_before + 200))
kill -TERM "$worker"
check "an interrupted apply --json ends with the same exit code" apply_ends_with 130
check "every line it wrote is JSON" is_json apply.out
tail -1 apply.out >last.json
check "the last line says how it ended" equal "$(json_in last.json '$.result')" "interrupted"
done_before=$(rows_done)

# --- the one that does not ask
start_apply
wait_until has_changed $((done_before + 200))
kill_worker
check "status tells that the holder is gone" run 1 status
check "and that the next command takes over what it left" says_in out "(pid $worker, which is gone)"
check "show tells that the worker is gone" run 0 show 1
check "by its process" says_in out "(pid $worker, which is gone) until "
check "resume knows that a killed worker is not alive" run 0 pause
check "pause does not wait for it" says_in out "is paused"
check "resume says who has to go on" run 0 resume
check "resume names apply" says_in out "no worker is alive: sluice apply or sluice work starts one"
sluice set batch_rows=1000 sleep=0ms >/dev/null
started=$SECONDS
check "apply goes on at once after kill -9" run 0 apply
check "without waiting for a lease to expire" at_most $((SECONDS - started)) 10
check "every row was done exactly once" rows_right
check "the counter says so" equal "$(field rows_changed)" "$item_rows"

# --- a reader that goes away
for command in status runs log "show 1" --help; do
    # shellcheck disable=SC2086
    { sluice $command 2>pipe.err; echo $? >pipe.code; } | head -1 >pipe.out
    check "sluice $command | head -1: says nothing of it" equal "$(cat pipe.err)" ""
    check "sluice $command | head -1: the line is there" [ -s pipe.out ]
    # shellcheck disable=SC2086
    { sleep 0.2; sluice $command 2>pipe.err; echo $? >pipe.code; } | true
    check "sluice $command with no reader: says nothing of it" equal "$(cat pipe.err)" ""
    check "sluice $command with no reader: was not killed" at_most "$(cat pipe.code)" 127
done
# A backfill whose reader goes away ends like an interrupted one, with its checkpoint.
bumping 50 20ms 20260102000000
{ sluice apply 2>pipe.err; echo $? >pipe.code; } | head -1 >pipe.out
check "apply | head -1 says nothing of it" equal "$(cat pipe.err)" ""
check "apply | head -1 ends like one that was interrupted" equal "$(cat pipe.code)" 130
bumping 1000 0ms 20260102000000
check "and can be repeated" run 0 apply
check "every row was done exactly twice" equal "$(sql "SELECT count(*) FROM item WHERE n = id + 2")" "$item_rows"
finish
