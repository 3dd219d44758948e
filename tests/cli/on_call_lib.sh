#!/usr/bin/env bash
# What the scripts in this folder share that hold a backfill in their hands: a scratch database on one engine, the program against
# it, and checks that are sentences. Usage: source on_call_lib.sh; open_database ENGINE.
#   SLUICE_PROGRAM       the program under test
#   SLUICE_TEST_SERVERS  a folder with postgresql/url and mysql/url
set -uo pipefail
: "${SLUICE_PROGRAM:?names the program under test}"

# A name for each that no other run has.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/sluice_cli.XXXXXXXX")
database=sluice_cli_$(basename "$scratch" | tr 'A-Z.' 'a-z_')
engine=sqlite
children=() # process ids to end, should the script fail
failures=0
"$SLUICE_PROGRAM" --version >/dev/null || exit 2
unset SLUICE_ENV DATABASE_URL NO_COLOR
export TERM=xterm

sluice() { "$SLUICE_PROGRAM" "$@"; }

clean_up() {
    local child
    for child in "${children[@]}"; do kill -KILL "$child" 2>/dev/null; done
    wait 2>/dev/null
    cd / || exit
    case $engine in
    postgresql) client postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" ;;
    mysql) client -e "DROP DATABASE IF EXISTS $database" ;;
    esac >/dev/null 2>&1
    rm -rf "$scratch"
}
trap clean_up EXIT

# --- the database

server_url() { cat "${SLUICE_TEST_SERVERS:?names the folder of the servers}/$engine/url"; }

# client …: the engine's own client; on PostgreSQL the first word is the database.
client() {
    local url user password host port
    case $engine in
    sqlite) sqlite3 -cmd ".timeout 20000" "$scratch/$database.db" "$@" ;;
    postgresql)
        url=$(server_url)
        psql -X -q -A -t -v ON_ERROR_STOP=1 "${url%/*}/$1" "${@:2}"
        ;;
    mysql)
        url=$(server_url)
        url=${url#mysql://} user=${url%%:*} url=${url#*:} password=${url%%@*} url=${url#*@} host=${url%%:*} port=${url#*:}
        MYSQL_PWD=$password mariadb --no-defaults -N -B -h "$host" -P "${port%%/*}" -u "$user" "$@"
        ;;
    esac
}

sql() { # sql STATEMENT: its result, columns apart by "|"
    case $engine in
    sqlite) client "$1" ;;
    postgresql) client "$database" -c "$1" ;;
    mysql) client "$database" -e "$1" | tr '\t' '|' ;;
    esac
}

state_table() { if [ "$engine" = postgresql ]; then echo "sluice.$1"; else echo "sluice_$1"; fi; }

# A database of its own, and a folder to work in with migrations/ in it.
open_database() {
    engine=$1
    cd "$scratch" || exit 2
    mkdir -p migrations
    case $engine in
    sqlite) export SLUICE_URL="sqlite:$scratch/$database.db" ;;
    postgresql)
        client postgres -c "CREATE DATABASE $database" || exit 2
        export SLUICE_URL; SLUICE_URL=$(server_url) SLUICE_URL=${SLUICE_URL%/*}/$database
        ;;
    mysql)
        client -e "CREATE DATABASE $database" || exit 2
        export SLUICE_URL; SLUICE_URL=$(server_url) SLUICE_URL=${SLUICE_URL%/*}/$database
        ;;
    *) echo "no such engine: $engine" >&2; exit 2 ;;
    esac
}

item_rows=20000

# Table item: n counts how often a row was written, beginning with its id.
create_items() {
    sql "CREATE TABLE item (id integer NOT NULL PRIMARY KEY, n integer NOT NULL)"
    sql "INSERT INTO item WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1000) SELECT i, i FROM c"
    local k
    for ((k = 1000; k < item_rows; k += 1000)); do echo "INSERT INTO item SELECT id + $k, n + $k FROM item WHERE id <= 1000;"; done >more.sql
    case $engine in
    sqlite) client <more.sql ;;
    postgresql) client "$database" -f more.sql ;;
    mysql) client "$database" <more.sql ;;
    esac
    [ "$(sql "SELECT count(*) FROM item")" = "$item_rows" ] || { echo "the rows are not there" >&2; exit 2; }
}

# write_bump BATCH_ROWS SLEEP [VERSION]: adds one to every row, once: a row that is done twice, or not at all, shows.
write_bump() {
    cat >"migrations/${3:-20260101000000}_bump.toml" <<TOML
summary = "one more in every row"

[[backfill]]
table = "item"
set   = { n = "n + 1" }
once  = true

[pace]
batch_rows = $1
sleep      = "$2"
duty       = 1.0
TOML
}

rows_done() { sql "SELECT count(*) FROM item WHERE n = id + 1"; }
rows_right() { [ "$(rows_done)" = "$item_rows" ] && [ "$(sql "SELECT count(*) FROM item")" = "$item_rows" ]; }

# --- checks

pass() { echo "ok: $1"; }
fail() {
    echo "FAILED: $1" >&2
    failures=$((failures + 1))
}
check() { # check SENTENCE COMMAND…
    local sentence=$1; shift
    if "$@"; then pass "$sentence"; else fail "$sentence   [$*]"; fi
}
equal() { [ "$1" = "$2" ] || { echo "  is:     $1" >&2; echo "  wanted: $2" >&2; return 1; }; }
at_most() { [ "$1" -le "$2" ] || { echo "  is $1, at most $2 was wanted" >&2; return 1; }; }
says() { # says FILE TEXT: contains it
    grep -qF -- "$2" "$1" || { echo "  \"$2\" is missing in:" >&2; sed 's/^/    /' "$1" >&2; return 1; }
}
says_not() { ! grep -qF -- "$2" "$1" || { echo "  \"$2\" is in:" >&2; sed 's/^/    /' "$1" >&2; return 1; }; }

# ends_with CODE WORD…: runs the program, its output in out and err, and compares its exit code.
ends_with() {
    local wanted=$1 code; shift
    sluice "$@" >out 2>err
    code=$?
    [ "$code" -eq "$wanted" ] && return
    echo "  sluice $*: exit code $code, $wanted was wanted" >&2
    cat out err >&2
    return 1
}

# Every line is an object of JSON that begins with its version of the format.
is_json() {
    [ -s "$1" ] || { echo "  $1 is empty" >&2; return 1; }
    local line
    while IFS= read -r line || [ -n "$line" ]; do
        printf '%s' "$line" >line.json
        [ "$(sqlite3 :memory: "SELECT json_valid(CAST(readfile('line.json') AS TEXT))")" = 1 ] && [[ $line == '{"format_version":1,'* ]] && continue
        echo "  no line of JSON: $line" >&2
        return 1
    done <"$1"
}
# json_from CODE COMMAND…: a result on stdout, nothing on stderr.
json_from() {
    ends_with "$1" "${@:2}" --json && is_json out && equal "$(cat err)" ""
}
# json_error CODE COMMAND…: one object on stderr that says what is wrong and with which exit code.
json_error() {
    ends_with "$1" "${@:2}" --json && is_json err && equal "$(wc -l <err)" 1 && equal "$(json_in err '$.error.exit_code')" "$1" && [ -n "$(json_in err '$.error.message')" ]
}
json_in() { sqlite3 :memory: "SELECT json_extract(CAST(readfile('$1') AS TEXT), '$2')"; } # json_in FILE PATH
field() { sluice show 1 --json >field.json 2>&1; json_in field.json "\$.run.$1"; }       # field PATH: of run 1
has_state() { [ "$(field state)" = "$1" ]; }
has_changed() { [ "$(field rows_changed 2>/dev/null || echo 0)" -ge "$1" ] 2>/dev/null; }
has_batches() { [ "$(field batches)" -ge "$1" ] 2>/dev/null; }
has_ended() { ! kill -0 "$1" 2>/dev/null; }

wait_until() { # wait_until COMMAND…: for what takes a while on a busy machine
    local deadline=$((SECONDS + 60))
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || { fail "waited in vain for: $*"; cat apply.out apply.err >&2; exit 1; }
        sleep 0.02
    done
}

start_apply() { # start_apply [OPTION…]: in the background, its process id in `worker`
    "$SLUICE_PROGRAM" apply "$@" >apply.out 2>apply.err &
    worker=$!
    children+=("$worker")
}
apply_ends_with() {
    wait_until has_ended "$worker"
    local code=0
    wait "$worker" || code=$?
    [ "$code" -eq "$1" ] || { echo "  apply: exit code $code, $1 was wanted" >&2; cat apply.out apply.err >&2; return 1; }
}

finish() {
    [ "$failures" -eq 0 ] || { echo "$failures failed" >&2; exit 1; }
    exit 0
}
