# shellcheck shell=bash
# Sourced by the tests of the program from outside. Wanted: SLUICE_PROGRAM, the program under test;
# SLUICE_TEST_SERVERS, where tests/support/server has written the URLs of the servers, unless the
# engine is SQLite. A script is one of two kinds:
#   - a story: open_database ENGINE, then lines of `check SENTENCE COMMAND…`, and at last `finish`;
#   - a list of cases: functions whose names begin with `case_`, each in a subshell, with a folder
#     and a database of its own, which ends at the first assertion that does not hold; at last
#     run_cases. Usage of such a script: SCRIPT [ENGINE [PATTERN]].
set -u
: "${SLUICE_PROGRAM:?names the program under test}"
"$SLUICE_PROGRAM" --version >/dev/null || exit 2
[[ $SLUICE_PROGRAM != */* ]] || SLUICE_PROGRAM=$(realpath "$SLUICE_PROGRAM") # each case goes to a folder of its own
unset SLUICE_URL DATABASE_URL SLUICE_ENV NO_COLOR
export TERM=xterm
work=$(mktemp -d "${TMPDIR:-/tmp}/sluice-cli.XXXXXX")
chmod 755 "$work" # a case that has to run as another user must be able to come here
scratch=cli_$$_$RANDOM # begins the names of databases and roles that no other run has
failures=0
last=

sweep() { # ends what was started, and takes away what is left of databases, roles and folders
    local name
    for name in $(cat "$work/children" 2>/dev/null); do kill -KILL "$name" 2>/dev/null; done
    wait 2>/dev/null
    if [ -e "$work/postgresql" ]; then
        for name in $(on_postgresql postgres -c "SELECT datname FROM pg_database WHERE datname LIKE '$scratch%'"); do
            on_postgresql postgres -c "DROP DATABASE $name WITH (FORCE)"
        done
        for name in $(on_postgresql postgres -c "SELECT rolname FROM pg_roles WHERE rolname LIKE '$scratch%'"); do
            on_postgresql postgres -c "DROP ROLE $name"
        done
    fi
    if [ -e "$work/mysql" ]; then
        for name in $(on_mysql mariadb -N -B -e "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '$scratch%'"); do
            on_mysql mariadb -e "DROP DATABASE $name"
        done
        for name in $(on_mysql mariadb -N -B -e "SELECT user FROM mysql.user WHERE user LIKE '$scratch%'"); do
            on_mysql mariadb -e "DROP USER '$name'@'%'"
        done
    fi
    cd / && rm -rf "$work"
}
trap sweep EXIT
child() { echo "$1" >>"$work/children"; } # child PID: to be ended with the script, should it live so long

# --- servers

server_url() { cat "${SLUICE_TEST_SERVERS:?names the folder of the servers}/$1/url"; }

on_mysql() { # on_mysql CLIENT ARGUMENT…: as the server's superuser
    local rest; rest=$(server_url mysql); rest=${rest#mysql://}
    local who=${rest%@*} where=${rest##*@}; where=${where%%/*}
    MYSQL_PWD=${who#*:} "$1" --no-defaults -u "${who%%:*}" -h "${where%:*}" -P "${where#*:}" "${@:2}"
}

on_postgresql() { # on_postgresql DATABASE ARGUMENT…: psql, as the superuser
    local url; url=$(server_url postgresql)
    PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t -v ON_ERROR_STOP=1 "${url%/*}/$1" "${@:2}"
}

host_of() { local rest; rest=$(server_url "$1"); rest=${rest##*@}; echo "${rest%%/*}"; }

# --- the database

use() { # use ENGINE: an empty database; the program finds it by SLUICE_URL
    engine=$1
    database=${scratch}_$BASHPID
    : >"$work/$engine"
    case $engine in
    sqlite) sqlite3 data.db 'PRAGMA journal_mode = WAL' >/dev/null; SLUICE_URL=sqlite:$PWD/data.db ;;
    postgresql)
        on_postgresql postgres -c "CREATE DATABASE $database" || exit 2
        SLUICE_URL=$(server_url postgresql); SLUICE_URL=${SLUICE_URL%/*}/$database ;;
    mysql)
        on_mysql mariadb -e "CREATE DATABASE $database CHARACTER SET utf8mb4" || exit 2
        SLUICE_URL=$(server_url mysql)$database ;;
    *) echo "no such engine: $engine" >&2; exit 2 ;;
    esac
    export SLUICE_URL
}

sql() { # sql STATEMENTS: the result, columns apart by "|"
    case $engine in
    sqlite) sqlite3 -bail -cmd '.timeout 20000' "${SLUICE_URL#sqlite:}" <<<"$1" ;;
    postgresql) on_postgresql "$database" -c "$1" ;;
    mysql) on_mysql mariadb -N -B "$database" -e "$1" | tr '\t' '|'; return "${PIPESTATUS[0]}" ;;
    esac
}

state_table() { if [ "$engine" = postgresql ]; then echo "sluice.$1"; else echo "sluice_$1"; fi; }

state_tables() { # those that are there
    case $engine in
    sqlite) sql "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'sluice\\_%' ESCAPE '\\'" ;;
    postgresql) sql "SELECT table_name FROM information_schema.tables WHERE table_schema = 'sluice'" ;;
    mysql) sql "SELECT table_name FROM information_schema.tables WHERE table_schema = '$database' AND table_name LIKE 'sluice\\_%'" ;;
    esac
}

dump() { # everything but sluice's own tables
    local ignored=() table
    case $engine in
    sqlite)
        for table in $(sql "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'sluice\\_%' ESCAPE '\\' ORDER BY name"); do
            sql ".dump $table"
        done ;;
    postgresql)
        pg_dump -N sluice "$(server_url postgresql | sed 's,/[^/]*$,,')/$database" | grep -v '^\\\(un\)\?restrict' ;;
    mysql)
        for table in $(state_tables); do ignored+=("--ignore-table=$database.$table"); done
        on_mysql mariadb-dump --skip-comments --triggers --routines "${ignored[@]}" "$database" ;;
    esac
}

fill() { # fill TABLE ROWS EXPRESSIONS: a row for each i from 1 on
    local first=
    [ "$engine" != mysql ] || first="SET max_recursive_iterations = 10000000, sql_mode = concat(@@sql_mode, ',PIPES_AS_CONCAT');"
    sql "$first INSERT INTO $1 WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < $2) SELECT $3 FROM s"
}

users() { # users ROWS: the table that most cases work on
    sql "CREATE TABLE users (id $([ "$engine" = sqlite ] && echo integer || echo bigint) PRIMARY KEY, user_name varchar(100) NOT NULL, n bigint NOT NULL DEFAULT 0)"
    fill users "$1" "i, 'User ' || i, 0"
}

item_rows=20000
items() { # the table of the stories: n counts how often a row was written, beginning with its id
    sql "CREATE TABLE item (id integer NOT NULL PRIMARY KEY, n integer NOT NULL)"
    fill item $item_rows "i, i"
}

# --- migration files

file() { cat >"migrations/$1"; } # file NAME, the text on standard input

renaming() { # renaming [SLEEP]: users.user_name, in batches so small that one is easily met
    file 1_a.toml <<END
[[change]]
kind   = "rename_column"
table  = "users"
from   = "user_name"
to     = "username"

[pace]
batch_rows = 10
sleep      = "${1:-0ms}"
END
}

# Adds one to every item, once: a row that is done twice, or not at all, shows.
bumping() { # bumping BATCH_ROWS SLEEP [VERSION]
    file "${3:-20260101000000}_bump.toml" <<END
summary = "one more in every row"

[[backfill]]
table = "item"
set   = { n = "n + 1" }
once  = true

[pace]
batch_rows = $1
batch_max  = $1
sleep      = "$2"
duty       = 1.0
END
}

# --- running the program

sluice() { "$SLUICE_PROGRAM" "$@"; }

# Its streams are in `out` and `err`, both in `output`.
run() { # run EXIT_CODE COMMAND ARGUMENT…
    local wanted=$1 code=0; shift
    last="$*"
    timeout 200 "$SLUICE_PROGRAM" "$@" >out 2>err </dev/null || code=$?
    cat out err >output
    [ "$code" -eq "$wanted" ] || fail "exit code $code, $wanted was wanted" || return
    well_put
}

# An error has no full stop; a hint is one sentence or more, and may begin with the name of something.
well_put() {
    local error hint
    error=$(sed -n 's/^error: //p' err) hint=$(sed -n 's/^hint: //p' err)
    [[ $error != *. ]] || fail "an error with a full stop: $error" || return
    [[ -z $hint || $hint =~ ^([A-Z\`\[]|[a-z_]+\ takes\ |sluice\ ).*[.?]$ ]] || fail "a hint that is no sentence: $hint"
}

start_apply() { # start_apply [OPTION…]: in the background, its process id in `worker`
    last="apply $* &"
    "$SLUICE_PROGRAM" apply "$@" >apply.out 2>apply.err </dev/null &
    worker=$!
    child "$worker"
}
apply_ends_with() { # apply_ends_with EXIT_CODE
    wait_until has_ended "$worker"
    local code=0
    wait "$worker" || code=$?
    cat apply.out apply.err >output
    [ "$code" -eq "$1" ] || fail "exit code $code, $1 was wanted"
}
kill_worker() { kill -KILL "$worker"; wait "$worker" 2>/dev/null; }
has_ended() { ! kill -0 "$1" 2>/dev/null; }

field() { sluice show 1 --json >field.json 2>&1; json_in field.json "\$.run.$1"; } # field PATH: of run 1
run_is() { [ "$(field state)" = "$1" ]; }
has_changed() { [ "$(field rows_changed 2>/dev/null || echo 0)" -ge "$1" ] 2>/dev/null; }
has_batches() { [ "$(field batches)" -ge "$1" ] 2>/dev/null; }
walking() { has_changed 1; } # a batch has been committed

finished() { # finished ROWS: the renaming has gone its way
    run 0 apply &&
        run 0 verify &&
        equal "$(sql 'SELECT count(*) FROM users WHERE username = user_name')" "$1" "rows in step"
}
rows_done() { sql "SELECT count(*) FROM item WHERE n = id + 1"; }
rows_right() { equal "$(rows_done)" $item_rows && equal "$(sql "SELECT count(*) FROM item")" $item_rows; }

# --- assertions: one that does not hold ends the case; in a story it is counted by `check`

in_case=
fail() {
    echo "    $*"
    if [ -n "$last" ]; then echo "    after: sluice $last"; sed 's/^/    | /' output 2>/dev/null; fi
    [ -z "$in_case" ] || exit 1
    return 1
}
equal() { [ "$1" = "$2" ] || fail "\"$1\" instead of \"$2\"${3:+: $3}"; }
at_most() { [ "$1" -le "$2" ] || fail "is $1, at most $2 was wanted"; }
says_in() { grep -qF -e "$2" "$1" || fail "\"$2\" is missing in $1: $(cat "$1")"; }         # says_in FILE TEXT
says_not_in() { ! grep -qF -e "$2" "$1" || fail "\"$2\" is in $1: $(cat "$1")"; }           # says_not_in FILE TEXT
says() { local text; for text; do grep -qF -e "$text" output || fail "the output has not: $text" || return; done; }
says_not() { local text; for text; do ! grep -qF -e "$text" output || fail "the output has: $text" || return; done; }

remember() { dump >before; }
unchanged() { dump >after; cmp -s before after || fail "the database was changed: $(diff before after | head -20)"; }
without_state() { [ -z "$(state_tables)" ] || fail "sluice's tables were made"; }
# Its tables may be there, and then they know of no migration and no action.
nothing_begun() {
    [ -n "$(state_tables)" ] || return 0
    equal "$(sql "SELECT count(*) FROM $(state_table migration)")" 0 "migrations that have begun" &&
        equal "$(sql "SELECT count(*) FROM $(state_table action)")" 0 "actions recorded"
}

wait_until() { # wait_until COMMAND…: for what takes a while on a busy machine
    local deadline=$((SECONDS + 60))
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || { fail "waited in vain for: $*"; exit 1; }
        sleep 0.02
    done
}

json_in() { sqlite3 :memory: "SELECT json_extract(CAST(readfile('$1') AS TEXT), '$2')"; } # json_in FILE PATH
# Every line is an object of JSON that begins with its version of the format.
is_json() {
    [ -s "$1" ] || fail "$1 is empty" || return
    local line
    while IFS= read -r line || [ -n "$line" ]; do
        printf '%s' "$line" >line.json
        [ "$(sqlite3 :memory: "SELECT json_valid(CAST(readfile('line.json') AS TEXT))")" = 1 ] && [[ $line == '{"format_version":1,'* ]] && continue
        fail "no line of JSON: $line" || return
    done <"$1"
}
json_from() { run "$@" --json && is_json out && equal "$(cat err)" ""; } # json_from CODE COMMAND…: and nothing on stderr
json_error() { # json_error CODE COMMAND…: one object on stderr, what is wrong and with which exit code
    run "$@" --json && is_json err && equal "$(wc -l <err)" 1 &&
        equal "$(json_in err '$.error.exit_code')" "$1" && [ -n "$(json_in err '$.error.message')" ]
}

# --- a story

open_database() { # open_database ENGINE
    mkdir -p "$work/story/migrations"
    cd "$work/story" || exit 2
    use "$1"
}
check() { # check SENTENCE COMMAND…
    local sentence=$1; shift
    if "$@"; then echo "ok      $sentence"; else echo "FAILED  $sentence   [$*]"; failures=$((failures + 1)); fi
}
finish() {
    [ "$failures" -eq 0 ] || { echo "$failures failed"; exit 1; }
    exit 0
}

# --- cases

run_case() { # run_case FUNCTION ENGINE
    local name=${1#case_}; name=${name//_/ }
    mkdir -p "$work/$1-$2/migrations"
    if (in_case=yes; cd "$work/$1-$2" && use "$2" && "$1") >"$work/said" 2>&1; then
        echo "ok      $name ($2)"
    else
        echo "FAILED  $name ($2)"
        failures=$((failures + 1))
    fi
    cat "$work/said"
}

run_cases() { # run_cases [ENGINE [PATTERN]]: those of `cases`, lines of FUNCTION ENGINE…
    local function engines engine count=0
    while read -r function engines; do
        for engine in $engines; do
            [[ $engine == "${1:-$engine}" && $function == *${2:-}* ]] || continue
            run_case "$function" "$engine"
            count=$((count + 1))
        done
    done <<<"$cases"
    echo "$count cases, $failures failed"
    [ "$count" -gt 0 ] && [ "$failures" -eq 0 ]
}
