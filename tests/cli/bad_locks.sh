#!/usr/bin/env bash
# Another session keeps a lock: it is waited for, with growing pauses; the application is left alone;
# a lock that is never granted ends the command, and the next one goes on.
# shellcheck source=tests/cli/lib.sh
source "$(dirname "$0")/lib.sh"

hold_lock() { # hold_lock SECONDS [MODE]: another session keeps the table for so long; $locker ends it
    case $engine in
    sqlite)
        touch hold # the lock goes with this file, or after SECONDS
        printf 'BEGIN IMMEDIATE;\n.shell touch locked; for n in $(seq %s0); do [ -e hold ] || break; sleep 0.1; done\nROLLBACK;\n' "$1" | sqlite3 data.db & ;;
    postgresql) (printf 'BEGIN; LOCK TABLE users IN %s MODE;\n\\! touch locked\nSELECT pg_sleep(%s);\nCOMMIT;\n' "${2:-ACCESS EXCLUSIVE}" "$1" | on_postgresql "$database" >/dev/null) & ;;
    mysql) (printf 'BEGIN;\nUPDATE users SET n = n;\nsystem touch locked\nSELECT sleep(%s);\n' "$1" | on_mysql mariadb --unbuffered "$database" >/dev/null) & ;;
    esac
    locker=$!
    wait_until test -e locked
}

release_lock() { # before its SECONDS are over
    case $engine in
    sqlite) rm hold; wait "$locker" ;;
    postgresql) sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$database' AND query LIKE '%pg_sleep(200)%' AND pid <> pg_backend_pid()" >/dev/null ;;
    mysql) sql "SELECT concat('KILL ', id) FROM information_schema.processlist WHERE db = '$database' AND info LIKE '%sleep(200)%' AND id <> connection_id()" | on_mysql mariadb ;;
    esac
}

holder() { # what the program says of it, as far as the server tells
    case $engine in
    sqlite) echo "; held by process $locker (sqlite3, user \"$(id -un)\")" ;;
    postgresql) echo '(psql, user "postgres", active, transaction open for ' ;;
    mysql) echo '; perhaps held by connection ' ;;
    esac
}

case_a_lock_that_is_not_granted_at_once_is_waited_for_and_told() {
    users 50; renaming
    # The tables of sluice are made before, so that the lock is met by the migration itself.
    run 0 apply; run 0 rollback
    hold_lock 3
    SECONDS=0
    run 0 apply
    says 'trying again in' "$(holder)"
    wait "$locker"
    finished 50
}

case_a_lock_that_is_never_granted_ends_the_command_with_the_reason() {
    users 50; renaming
    run 0 apply; run 0 rollback; remember
    hold_lock 200
    run 2 apply
    says_in err 'error: '
    says_in err "$(holder)"
    says_in err 'hint: '
    release_lock
    unchanged
    finished 50
}

waits_told() { # sluice why says who is in the way
    sluice why >out 2>err
    [ $? = 1 ] && cat out err >output && grep -q "waits for a lock .*held by" out
}

case_a_build_that_waits_is_told_by_why_and_show_and_ends_with_ctrl_c() {
    users 50
    file 20261121120000_index.toml <<'END'
[[change]]
kind = "add_index"
table = "users"
name = "users_n"
columns = ["n"]
END
    # As long as a test takes: on MySQL the wait of a build ends, on PostgreSQL it does not.
    [ "$engine" = postgresql ] || printf '[env.test]\nlock_timeout = "190s"\n' >sluice.toml
    hold_lock 200 "ROW EXCLUSIVE"
    start_apply
    wait_until waits_told
    says 'runner: ' 'its statement, for '
    run 0 show 20261121120000 --json
    says '"waits_for":"' 'held by '
    kill -INT "$worker"
    apply_ends_with 130
    says_not_in apply.err 'error: '
    release_lock
    run 0 apply
    says 'users_n'
}

case_the_lock_time_out_is_set_in_sluice_toml() {
    users 5; renaming
    printf '[env.test]\nlock_timeout = "5s"\n' >sluice.toml
    run 3 apply
    says_in err 'the lock time-out of 5000 ms is not below'
    printf '[env.test]\nlock_timeout = 5\n' >sluice.toml
    run 64 apply
    says_in err 'lock_timeout'
}

cases="
case_a_lock_that_is_not_granted_at_once_is_waited_for_and_told sqlite postgresql mysql
case_a_lock_that_is_never_granted_ends_the_command_with_the_reason sqlite postgresql mysql
case_a_build_that_waits_is_told_by_why_and_show_and_ends_with_ctrl_c postgresql mysql
case_the_lock_time_out_is_set_in_sluice_toml postgresql
"
run_cases "$@"
