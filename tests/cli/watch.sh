#!/usr/bin/env bash
# The full-screen view, in a terminal made by script(1): watch.sh sqlite|postgresql|mysql
# shellcheck source=tests/cli/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
open_database "$1"
items
bumping 20 20ms
me="$(id -un)@$(hostname)"

enters=$'\x1b[?1049h' leaves=$'\x1b[?1049l'
begin_watch() { # its keys go to descriptor 3, what it draws to screen.out
    rm -f keys
    mkfifo keys
    : >screen.out
    script -qfec "tty >tty; stty rows ${1:-40} cols ${2:-120}; '$SLUICE_PROGRAM' watch; echo ended with \$?; stty -a" screen.out <keys >/dev/null 2>&1 &
    watcher=$!
    child "$watcher"
    exec 3>keys
    wait_until drawn "$enters"
}
drawn() { grep -qF -e "$1" screen.out; }
draws() { # draws KEY TEXT: after the key the text is drawn, whatever was there before
    : >>screen.out
    local from; from=$(stat -c %s screen.out)
    printf '%s' "$1" >&3
    drawn_since() { tail -c +$((from + 1)) screen.out | grep -qF -e "$1"; }
    wait_until drawn_since "$2"
}
watch_has_ended() { has_ended "$watcher"; }
ends() {
    wait_until watch_has_ended
    exec 3>&-
}
gave_back() { # the screen, the cursor, echo and lines
    drawn "$leaves" && drawn $'\x1b[?25h' && drawn "ended with ${1:-0}" && grep -q " echo " screen.out && grep -q " icanon" screen.out && grep -q "isig " screen.out
}

start_apply
wait_until has_changed 20
begin_watch
check "the list shows the run" wait_until drawn "item"
check "it shows the keys" wait_until drawn "Enter opens"
check "Enter opens a run" draws $'\r' "run 1: backfill of "
check "with its range" wait_until drawn "range 1"
check "its rates" wait_until drawn "rows/s over 1 min"
check "why it waits, or that it works" wait_until drawn "run 1: nothing: it works"
check "p pauses it" draws p "sluice resume 1 lets it go on"
wait_until run_is paused
check "the view says so" wait_until drawn "paused by $me"
check "r resumes it" draws r "run 1 goes on"
check "- makes it slower" draws - "batch_max=10 "
check "the pace is the run's" equal "$(field pace.batch_rows) $(field pace.batch_max) $(field pace.sleep_ms)" "10 10 50"
check "+ makes it faster" draws + "batch_max=20 "
check "the events are shown" wait_until drawn " set "
check "q goes back to the list" draws q "Enter opens"
check "a number opens, too" draws 1 "run 1: backfill of "
check "another q" draws q "Enter opens"
printf q >&3
ends
check "q ends it, and the terminal is as it was" gave_back
check "the ledger knows of all" run 0 log "run 1"
for what in "pause +run 1 +running -> paused" "resume +run 1 +paused -> running" "set +run 1 +batch_rows=20"; do
    check "of $what" grep -Eq "$me +$what" out
done

pid_of_watch() { ps -e -o pid=,ppid=,args= | awk -v prog="$SLUICE_PROGRAM" '$3 == prog && $4 == "watch" {print $1}' | while read -r p; do [ "$(readlink "/proc/$p/cwd")" = "$PWD" ] && echo "$p"; done; }
for signal in TERM HUP QUIT; do
    begin_watch
    kill "-$signal" "$(pid_of_watch)"
    ends
    check "SIG$signal gives the terminal back" drawn "$leaves"
    check "SIG$signal gives echo back" grep -q " echo " screen.out
done

# --- the window is resized while it is drawn
last_frame() { # the last whole one, without what takes no room
    awk 'BEGIN { RS = "\033\\[H" } { before = last; last = $0 } END { print before }' screen.out | sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g; s/\r//g'
}
fits() { # fits ROWS COLS: it has so many lines, none of them too wide
    local lines=() one
    mapfile -t lines < <(last_frame)
    [ "${#lines[@]}" -eq "$1" ] || return
    for one in "${lines[@]}"; do [ "$(LC_ALL=C.UTF-8 wc -m <<<"$one")" -le "$2" ] || return; done # wc counts the line's end, too
}
resize() { stty -F "$(cat tty)" rows "$1" cols "$2"; }
says_last() { last_frame | tail -1 | grep -q "$1"; }
begin_watch 24 80
check "it fills the window" wait_until fits 24 80
draws $'\r' "run 1: backfill of "
for size in "10 40" "3 12" "60 220" "1 2" "24 80" "10 40"; do
    # shellcheck disable=SC2086 # two words
    resize $size
    check "a window of $size is filled, and not overrun" wait_until fits $size
done
check "the keys stay in the last line" wait_until says_last "p pause"
draws q "Enter opens"
check "the list fits, too" wait_until fits 10 40
check "no line is wrapped" drawn $'\x1b[?7l'
printf q >&3
ends
check "it gives the wrapping back" drawn $'\x1b[?7h'
check "and all else" gave_back 0

begin_watch 10 40
check "a small window is not overrun" wait_until drawn "Enter opens"
printf '\x03' >&3
ends
check "Ctrl-C ends it" gave_back 0

begin_watch
run 0 set 1 batch_rows=1000 sleep=0ms
apply_ends_with 0
ends
check "it ends with the last run" gave_back 0
check "and leaves the last table on the terminal" drawn "done"
finish
