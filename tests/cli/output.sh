#!/usr/bin/env bash
# How the program speaks to people: its help, what it says to a slip of the hand, colours, progress, a closed gate.
# shellcheck source=tests/cli/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
open_database sqlite
items
commands="new plan apply expand migrate verify contract rollback status ensure runs show watch why pause resume hold retry stop-all set metrics doctor work cancel log unlock quarantine seek purge"

no_colour() { # … and there is something to read
    [ -s "$1" ] && ! grep -qE $'\x1b\\[[0-9;]*m' "$1" || { echo "  colours, or nothing, in: $1" >&2; cat -v "$1" >&2; return 1; }
}
no_escapes() { ! grep -q $'\x1b' "$@" || { echo "  escape codes in: $*" >&2; cat -v "$@" >&2; return 1; }; }
in_terminal() { script -qec "$SLUICE_PROGRAM $*" /dev/null </dev/null >terminal.out 2>&1; } # a terminal of 80 columns

# --- help
check "--version names the program and its version" run 0 --version
check "the version is a number" grep -Eqx "sluice [0-9]+\.[0-9]+\.[0-9]+" out
check "--help lists" run 0 --help
cp out overview
check "nothing at all lists, too" run 0
check "the same text" cmp -s out overview
for command in $commands; do
    check "the list has $command" grep -Eq "^  $command +[a-z]" overview
    check "$command --help" run 0 "$command" --help
    for part in "Usage: sluice $command" "Examples:" "  sluice $command" "Exit codes:" "    0  " "    2  failed" "   64  "; do
        check "$command --help has \"$part\"" says_in out "$part"
    done
    check "$command --help has no line that a terminal would break" equal "$(grep -E '.{111,}' out)" ""
    check "$command --help has no code in its text" says_not_in out "\\n"
done

# --- a slip of the hand
check "an unknown command" run 64 aply
check "the nearest command" says_in err 'Did you mean "apply"?'
check "an unknown command that is like none" run 64 frobnicate
check "where the commands are listed" says_in err "alone lists the commands"
check "an unknown option" run 64 apply --jsn
check "the nearest option" says_in err 'Did you mean "--json"?'
check "an option before the command" run 64 --json status
check "where options stand" says_in err "Options follow the command"
check "a word too many" run 64 status now
check "it is named" says_in err '"now"'
check "an unknown kind of template" run 64 new rename
check "the kinds are listed" says_in err "rename_column"
check "an unknown key of a template" run 64 new rename_column fron=a
check "the nearest key" says_in err 'Did you mean "from"?'
check "nothing went to stdout" equal "$(cat out)" ""
check "errors of the command line are JSON where JSON is asked for" json_error 64 status now

# --- progress
bumping 100 10ms
in_terminal apply
check "a terminal sees a bar" grep -qE '\[=+>? *\]' terminal.out
check "it sees the share" grep -qE '[0-9]+ %' terminal.out
check "it sees the rows" grep -qE '[0-9,]+ of 20,000 rows' terminal.out
check "it sees the rate" grep -qE '[0-9,]+ rows/s' terminal.out
check "it sees the time left" grep -qE '[0-9]+ s left' terminal.out
check "the bar is redrawn" grep -q $'\r' terminal.out
bumping 100 10ms 20260102000000
in_terminal apply --no-progress
check "--no-progress redraws nothing" says_not_in terminal.out $'\r\x1b'
check "--no-progress has plain lines of progress" grep -qE '[0-9,]+ of 20,000 rows' terminal.out
bumping 100 0ms 20260103000000
check "--quiet" run 0 apply --quiet
check "--quiet has no progress" says_not_in out "rows/s"
bumping 100 2ms 20260104000000
check "a pipe" run 0 apply
check "a pipe gets no escape codes" no_escapes out err
check "a pipe gets lines of progress" says_in out "rows/s"
check "and the way on" says_in out "next: sluice verify"
bumping 100 2ms 20260105000000
check "apply --json of a backfill" json_from 0 apply
check "the machine sees the rows" grep -q '"rows_changed":' out
check "every row was done once by each" equal "$(sql "SELECT count(*) FROM item WHERE n = id + 5")" "$item_rows"

# --- a gate that is closed
cat >migrations/20260106000000_item_count.toml <<'TOML'
summary = "item.n becomes item.count_of"
[[change]]
kind  = "rename_column"
table = "item"
from  = "n"
to    = "count_of"
[gate]
soak       = "24h"
approve    = true
conditions = ["SELECT count(*) = 0 FROM item WHERE id < 10"]
TOML
check "a gate may be asked before the time" run 3 contract item_count
check "it says what comes first" says_in out "sluice migrate"
check "apply" run 0 apply
check "a closed gate refuses" run 3 contract item_count
check "the gate says that it is closed" says_in out "closed"
for condition in "the migration is migrated" "backfills are done" "verified after the last backfill" "the definition is the one that ran" \
    "no drift of the tables touched"; do
    check "what holds is listed: $condition" grep -Eq "^  yes  $condition  +[^ ]" out
done
for condition in "soak time is over" "condition: SELECT count.*id < 10" "approved"; do
    check "what does not hold is listed with its evidence: $condition" grep -Eq "^  no   $condition  +[^ ]" out
done
check "each of these has a way on" equal "$(grep -c '^       next: ' out)" 3
check "the sum stands last" run 3 contract item_count
check "three of nine" says_in err "3 of 9 conditions do not hold"
check "contract --json of a closed gate: the reasons on stdout" run 3 contract item_count --json
check "one line of JSON" is_json out
check "a machine sees each condition" equal "$(json_in out '$.conditions[7].holds')" 0
check "and the error on stderr" is_json err
check "both names still work" equal "$(sql "SELECT count(*) FROM item WHERE n = count_of")" "$item_rows"

# --- no escape codes where nobody could read them
for command in status runs log plan "show 1" "show 20260101000000" "contract item_count"; do
    # shellcheck disable=SC2086
    sluice $command >out 2>err
    check "$command into a pipe has no escape codes" no_escapes out err
    # shellcheck disable=SC2086
    NO_COLOR=1 in_terminal $command
    check "$command with NO_COLOR has no colours" no_colour terminal.out
done
sluice contract no_such_migration >out 2>err
check "an error into a pipe has no escape codes" no_escapes err
in_terminal status
check "status has colour on a terminal" grep -q $'\x1b\[' terminal.out
TERM=dumb in_terminal status
check "status has none on one that knows none" no_escapes terminal.out
finish
