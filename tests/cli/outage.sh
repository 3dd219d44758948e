#!/usr/bin/env bash
# Whoever looks and works for hours, while the server is killed and started again: outage.sh postgresql|mysql
# shellcheck source=tests/cli/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
server=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../support/server")
SLUICE_TEST_SERVERS=$work/servers # a server of its own: it is about to be killed
mkdir "$SLUICE_TEST_SERVERS"
chmod 755 "$SLUICE_TEST_SERVERS"
end() {
    "$server" stop "$1" "$SLUICE_TEST_SERVERS/$1"
    rm -f "$work/$1" # nothing is left there to be taken away
    sweep
}
# shellcheck disable=SC2064 # the engine of now
trap "end $1" EXIT
"$server" start "$1" "$SLUICE_TEST_SERVERS/$1" || exit 2
open_database "$1"
items
bumping 20 50ms

started() { # started NAME COMMAND…: in the background, its output in NAME.out, its process id in NAME
    "$SLUICE_PROGRAM" "${@:2}" >"$1.out" 2>&1 </dev/null &
    printf -v "$1" %s $!
    child $!
}
told() { grep -qF -e "$2" "$1"; }                                                  # told FILE TEXT
told_since() { tail -n +$(($(grep -nF "$2" "$1" | tail -1 | cut -d: -f1) + 1)) "$1" | grep -qF -e "$3"; } # told_since FILE EARLIER TEXT
ends_with() { # ends_with CODE NAME
    local code=0
    wait_until has_ended "${!2}"
    wait "${!2}" || code=$?
    equal "$code" "$1" "exit code"
}
away="the database does not answer, looking again: "

start_apply
wait_until has_changed 100
started waiter ensure
started watcher watch
started server_of_runs work
script -qfec "stty rows 24 cols 200; '$SLUICE_PROGRAM' watch; echo ended with \$?" screen.out </dev/null >/dev/null 2>&1 &
screen=$!
child "$screen"
wait_until told waiter.out "waits for 20260101000000 bump (migrating"
wait_until told watcher.out "running"
wait_until told server_of_runs.out "is worked on"
wait_until told screen.out "Enter opens"

"$server" crash "$engine" "$SLUICE_TEST_SERVERS/$engine"
wait_until told waiter.out "$away"
wait_until told watcher.out "$away"
wait_until told server_of_runs.out "$away"
wait_until told screen.out "$away"
check "a deadline that passes meanwhile ends ensure" run 1 ensure --timeout 700ms
check "it says what it knows" says "$away" "after 700ms $away" "next: sluice status"
check "who begins to watch meanwhile is told at once" run 2 watch
for one in worker waiter watcher server_of_runs screen; do
    check "an outage does not end it: $one" kill -0 "${!one}"
done

"$server" restart "$engine" "$SLUICE_TEST_SERVERS/$engine"
check "ensure waits for the run again" wait_until told_since waiter.out "$away" "waits for 20260101000000 bump (migrating"
check "watch shows it again" wait_until told_since watcher.out "$away" "running"
check "work says that it goes on" wait_until told_since server_of_runs.out "$away" "the database answers again"
for one in waiter watcher server_of_runs; do
    check "an outage is told in one line: $one" equal "$(grep -cF "$away" "$one.out")" 1
done
run 0 set 1 batch_rows=1000 sleep=0ms
check "apply ends well" apply_ends_with 0
check "ensure does, too" ends_with 0 waiter
check "it says so" says_in waiter.out "everything is migrated"
check "watch does" ends_with 0 watcher
wait_until has_ended "$screen"
check "on a terminal, too" told screen.out "ended with 0"
check "every row was done exactly once" rows_right
kill -TERM "$server_of_runs"
check "work ends when it is asked to" ends_with 0 server_of_runs
SLUICE_URL=${SLUICE_URL/:sluice@/:wrong@}
check "a password that is wrong is told at once" run 2 ensure
finish
