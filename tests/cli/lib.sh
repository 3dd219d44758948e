# Sourced by the tests of the program from outside. A case is a function whose name begins with
# `case_`; it runs in a subshell, in a folder of its own that has an empty migrations/, and ends at
# the first assertion that does not hold. Wanted: SLUICE_PROGRAM, the program; SLUICE_TEST_SERVERS,
# where tests/support/server has written the URLs of the servers.

: "${SLUICE_PROGRAM:?the program to test}" "${SLUICE_TEST_SERVERS:?the folder of the servers}"
unset SLUICE_URL DATABASE_URL SLUICE_ENV
work=$(mktemp -d /tmp/sluice-cli.XXXXXX)
# A case that has to run as another user must be able to come here.
chmod 755 "$work"
scratch=cli_$$_$RANDOM

# --- servers

server_url() { cat "$SLUICE_TEST_SERVERS/$1/url"; }

on_mysql() { # on_mysql CLIENT ARGUMENT…: as the servers' superuser
    local rest; rest=$(server_url mysql); rest=${rest#mysql://}
    local who=${rest%@*} where=${rest##*@}; where=${where%%/*}
    MYSQL_PWD=${who#*:} "$1" --no-defaults -u "${who%%:*}" -h "${where%:*}" -P "${where#*:}" "${@:2}"
}

on_postgresql() { # on_postgresql DATABASE ARGUMENT…: psql, as the superuser
    local url; url=$(server_url postgresql)
    PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t -v ON_ERROR_STOP=1 "${url%/*}/$1" "${@:2}"
}

host_of() { local rest; rest=$(server_url "$1"); rest=${rest##*@}; echo "${rest%%/*}"; }

# --- the database of a case: use ENGINE; then sql TEXT, dump, $url

use() { # use ENGINE: an empty database
    engine=$1
    database=$scratch.$BASHPID; database=${database//./_}
    case $engine in
    sqlite) rm -f "$PWD/data.db"; url=sqlite:$PWD/data.db; sqlite3 "$PWD/data.db" 'PRAGMA journal_mode = WAL' >/dev/null ;;
    postgresql)
        on_postgresql postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" -c "CREATE DATABASE $database"
        url=$(server_url postgresql); url=${url%/*}/$database ;;
    mysql)
        on_mysql mariadb -e "DROP DATABASE IF EXISTS $database; CREATE DATABASE $database CHARACTER SET utf8mb4"
        url=$(server_url mysql)$database ;;
    esac
}

sql() {
    case $engine in
    sqlite) sqlite3 -cmd '.timeout 5000' "${url#sqlite:}" "$1" ;;
    postgresql) on_postgresql "$database" -c "$1" ;;
    mysql) on_mysql mariadb -N -B "$database" -e "$1" ;;
    esac
}

state_tables() { sql "SELECT table_name FROM information_schema.tables WHERE table_schema = '$database' AND table_name LIKE 'sluice\\_%'"; }

dump() { # everything but sluice's own tables
    case $engine in
    sqlite)
        local table
        for table in $(sql "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'sluice\\_%' ESCAPE '\\' ORDER BY name"); do
            sql ".dump $table"
        done ;;
    postgresql)
        pg_dump -N sluice "$(server_url postgresql | sed 's,/[^/]*$,,')/$database" | grep -v '^\\\(un\)\?restrict' ;;
    mysql)
        local ignored=() table
        for table in $(state_tables); do ignored+=("--ignore-table=$database.$table"); done
        on_mysql mariadb-dump --skip-comments --triggers --routines "${ignored[@]}" "$database" ;;
    esac
}

state_table() { # the name of one of sluice's tables on this engine
    if [ "$engine" = postgresql ]; then echo "sluice.$1"; else echo "sluice_$1"; fi
}

has_state() {
    case $engine in
    sqlite) [ -n "$(sql "SELECT 1 FROM sqlite_schema WHERE name = 'sluice_migration'")" ] ;;
    postgresql) [ -n "$(sql "SELECT 1 FROM information_schema.tables WHERE table_schema = 'sluice' AND table_name = 'migration'")" ] ;;
    mysql) [ -n "$(state_tables)" ] ;;
    esac
}

users() { # the table that most cases work on: users ROWS
    local id=integer
    [ "$engine" = postgresql ] || id=bigint
    [ "$engine" = sqlite ] && id=integer
    sql "CREATE TABLE users (id $id PRIMARY KEY, user_name varchar(100) NOT NULL, n bigint NOT NULL DEFAULT 0)"
    case $engine in
    sqlite) sql "INSERT INTO users SELECT value, 'User ' || value, 0 FROM generate_series(1, $1)" 2>/dev/null ||
        sql "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < $1) INSERT INTO users SELECT i, 'User ' || i, 0 FROM s" ;;
    postgresql) sql "INSERT INTO users SELECT i, 'User ' || i, 0 FROM generate_series(1, $1) i" ;;
    mysql) sql "SET max_recursive_iterations = 10000000; INSERT INTO users WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < $1) SELECT i, concat('User ', i), 0 FROM s" ;;
    esac
}

# --- running the program and looking at what it did

file() { cat >"migrations/$1"; } # file NAME, text on standard input

fail() {
    echo "    $*"
    if [ -n "${last:-}" ]; then echo "    after: sluice $last"; sed 's/^/    | /' output; fi
    exit 1
}

run() { # run EXIT_CODE COMMAND ARGUMENT…: output (both streams) goes to ./output
    local expected=$1 code=0; shift
    last="$*"
    timeout 120 "$SLUICE_PROGRAM" "$@" --url "$url" >output 2>&1 </dev/null || code=$?
    [ "$code" -eq "$expected" ] || fail "exit code $code instead of $expected"
}

says() { local text; for text; do grep -qF -e "$text" output || fail "the output has not: $text"; done; }
says_not() { local text; for text; do ! grep -qF -e "$text" output || fail "the output has: $text"; done; }
equal() { [ "$1" = "$2" ] || fail "\"$1\" instead of \"$2\"${3:+: $3}"; }

remember() { dump >before; }
unchanged() { dump >after; cmp -s before after || fail "the database was changed: $(diff before after | head -20)"; }
without_state() { ! has_state || fail "sluice's tables were made"; }
# Its tables may be there, and then they know of no migration and no action.
nothing_begun() {
    has_state || return 0
    equal "$(sql "SELECT count(*) FROM $(state_table migration)")" 0 "migrations that have begun"
    equal "$(sql "SELECT count(*) FROM $(state_table action)")" 0 "actions recorded"
}

wait_for() { # wait_for SECONDS COMMAND…
    local deadline=$((SECONDS + $1)); shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || fail "waited in vain for: $*"
        sleep 0.05
    done
}

# --- the migration that most of the bad days meet

adding() { # a file whose backfill is slow enough to be met: adding [SLEEP]
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

finished() { # the migration has gone its way: finished ROWS
    run 0 apply
    run 0 verify
    equal "$(sql 'SELECT count(*) FROM users WHERE username = user_name')" "$1" "rows in step"
}

# --- all cases

sweep() { # what is left of databases and roles of this script
    local name
    for name in $(on_postgresql postgres -c "SELECT datname FROM pg_database WHERE datname LIKE '$scratch%'"); do
        on_postgresql postgres -c "DROP DATABASE $name WITH (FORCE)"
    done
    for name in $(on_postgresql postgres -c "SELECT rolname FROM pg_roles WHERE rolname LIKE '$scratch%'"); do
        on_postgresql postgres -c "DROP ROLE $name"
    done
    for name in $(on_mysql mariadb -N -B -e "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '$scratch%'"); do
        on_mysql mariadb -e "DROP DATABASE $name"
    done
    for name in $(on_mysql mariadb -N -B -e "SELECT user FROM mysql.user WHERE user LIKE '$scratch%'"); do
        on_mysql mariadb -e "DROP USER '$name'@'%'"
    done
    rm -rf "$work"
}

run_case() { # run_case FUNCTION ENGINE|-
    local name=${1#case_}; name=${name//_/ }
    [ "$2" = - ] || name="$name ($2)"
    mkdir -p "$work/$1-$2/migrations"
    if (set -e; cd "$work/$1-$2"; [ "$2" = - ] || use "$2"; "$1") >"$work/said" 2>&1; then
        echo "ok      $name"
    else
        echo "FAILED  $name"
        failures=$((failures + 1))
    fi
    cat "$work/said"
}

run_cases() { # run_cases [PATTERN]: those of `cases`, lines of FUNCTION ENGINE…
    trap sweep EXIT
    local failures=0 function engines engine count=0
    while read -r function engines; do
        for engine in $engines; do
            [[ "$function $engine" == *${1:-}* ]] || continue
            run_case "$function" "$engine"
            count=$((count + 1))
        done
    done <<<"$cases"
    echo "$count cases, $failures failed"
    [ "$count" -gt 0 ] && [ "$failures" -eq 0 ]
}
