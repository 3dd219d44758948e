#!/usr/bin/env bash
# What is wrong around the program: servers, passwords, rights, space, locks, other runners. The
# reason is told, nothing is half done, and the same command goes on once the day is better.
# shellcheck source=tests/cli/lib.sh
source "$(dirname "$0")/lib.sh"
support=$(cd "$(dirname "$0")/../support" && pwd)

# --- servers and passwords

case_an_unreachable_server_is_told() {
    users 3; remember; renaming
    local good=$SLUICE_URL port
    port=$(host_of "$engine"); port=${port#*:}
    # Port 1 is the multiplexer's, which nobody runs.
    SLUICE_URL=${SLUICE_URL/:$port/:1}
    SLUICE_URL=${SLUICE_URL/:sluice@/:hidden@}
    local command
    for command in status apply; do
        run 2 $command
        says 'error: cannot connect' '127.0.0.1' 'hint: '
        says_not hidden
    done
    SLUICE_URL=$good; without_state; unchanged
}

case_a_host_without_a_name_is_told() {
    SLUICE_URL=${SLUICE_URL/@*:/@no-such-host.invalid:}
    run 2 status
    says 'error: cannot connect' 'no-such-host.invalid' 'hint: '
}

case_a_missing_database_is_told() {
    SLUICE_URL=${SLUICE_URL}_none
    run 2 status
    says 'error: cannot connect' "${database}_none" 'hint: '
}

case_a_wrong_password_is_told_and_never_printed() {
    users 3; remember; renaming
    local good=$SLUICE_URL
    SLUICE_URL=${SLUICE_URL/:sluice@/:hid%40den-word@}
    local command
    for command in status plan apply 'apply --json'; do
        # shellcheck disable=SC2086
        run 2 $command --trace-sql=trace
        says_not 'den-word'
        ! grep -q 'den-word' trace || fail 'the trace has the password'
    done
    run 2 apply
    says 'error: cannot connect' 'password' 'hint: '
    SLUICE_URL=$good; without_state; unchanged
}

case_a_right_password_is_nowhere_to_be_read() {
    users 400; renaming 50ms
    local role=${scratch}_role secret='pa55-w0rd-X'
    case $engine in
    postgresql) sql "CREATE ROLE $role LOGIN SUPERUSER PASSWORD '$secret'" ;;
    mysql) sql "CREATE USER '$role'@'%' IDENTIFIED BY '$secret'; GRANT ALL ON *.* TO '$role'@'%'" ;;
    esac
    SLUICE_URL=${SLUICE_URL/:\/\/*@/://$role:$secret@}
    start_apply --url "$SLUICE_URL" --json --reason "url $SLUICE_URL" --trace-sql=trace
    wait_until walking
    tr '\0' ' ' </proc/$worker/cmdline >title
    ! grep -qF "$secret" title || fail "the process title has the password: $(cat title)"
    grep -q 'apply' title || fail "the process title is not to be read: $(cat title)"
    kill -INT "$worker"
    apply_ends_with 130
    says_not "$secret"
    ! grep -qF "$secret" trace || fail 'the trace has the password'
    run 0 log
    says_not "$secret"
    local table
    for table in ledger migration action run; do
        ! sql "SELECT * FROM $(state_table $table)" | grep -qF "$secret" || fail "the table $table has the password"
    done
    finished 400
}

# --- rights and space

case_a_file_that_is_read_only_is_told() {
    users 20; remember; renaming
    sqlite3 data.db 'PRAGMA journal_mode = DELETE' >/dev/null
    chmod 444 data.db; chmod 555 .
    # Rights do not hold root back.
    local code=0 as=()
    [ "$(id -u)" -ne 0 ] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    last='apply, as somebody who may only read'
    if [ ${#as[@]} -gt 0 ]; then
        [ -z "${SLUICE_PROGRAM##/root/*}" ] && { chmod 755 .; echo '    not shown: the program is out of reach for another user'; return; }
    fi
    "${as[@]}" "$SLUICE_PROGRAM" apply >"$work/readonly" 2>&1 </dev/null || code=$?
    chmod 755 .; chmod 644 data.db; cp "$work/readonly" output
    equal "$code" 2
    says 'error: ' 'read' 'hint: '
    without_state; unchanged
    finished 20
}

case_a_server_that_only_reads_is_told() {
    users 20; remember; renaming
    sql "ALTER DATABASE $database SET default_transaction_read_only = on"
    run 2 apply
    says 'error: ' 'read-only' 'hint: '
    on_postgresql postgres -c "ALTER DATABASE $database RESET default_transaction_read_only"
    without_state; unchanged
    finished 20
}

case_a_user_who_may_only_read_is_told() {
    users 20; renaming
    local role=${scratch}_reader good=$SLUICE_URL
    case $engine in
    postgresql) sql "CREATE ROLE $role LOGIN PASSWORD 'x'"; sql "GRANT SELECT ON users TO $role" ;;
    mysql) sql "CREATE USER '$role'@'%' IDENTIFIED BY 'x'; GRANT SELECT ON $database.* TO '$role'@'%'" ;;
    esac
    remember
    SLUICE_URL=${SLUICE_URL/:\/\/*@/://$role:x@}
    run 2 apply
    says 'error: ' 'denied' 'hint: '
    SLUICE_URL=$good; without_state; unchanged
    [ "$engine" = mysql ] || sql "REVOKE ALL ON users FROM $role"
    finished 20
}

leave() { # what a case has started or mounted
    if [ -n "${own_server:-}" ]; then
        "$support/server" stop "$engine" "$own_server/$engine"
        rm -rf "$own_server"
    fi
    ! mountpoint -q disk || umount disk
}

# A server of the case's own, to be configured and filled at will, and an empty database on it.
private_server() {
    local folder; folder=$(mktemp -d /tmp/sluice-own.XXXX) # short: the path of a socket may have 107 bytes
    chmod 755 "$folder"
    own_server=$folder
    trap leave EXIT
    "$support/server" start "$engine" "$folder/$engine"
    SLUICE_TEST_SERVERS=$folder
    use "$engine"
}

case_a_server_that_is_set_to_read_only_is_told() {
    private_server
    sql "CREATE USER 'app'@'%' IDENTIFIED BY 'x'; GRANT ALL ON $database.* TO 'app'@'%'"
    users 20; remember; renaming
    sql 'SET GLOBAL read_only = 1'
    SLUICE_URL=${SLUICE_URL/:\/\/*@/://app:x@}
    run 0 plan
    run 2 apply
    says 'error: ' 'read-only' 'hint: '
    without_state; unchanged
    sql 'SET GLOBAL read_only = 0'
    finished 20
}

# The table lies on a disk with room for its rows, and not for what is to be added to them.
users_on_a_small_disk() {
    mkdir disk
    if ! mount -t tmpfs -o "size=$1" tmpfs disk 2>/dev/null; then
        echo '    not shown: a small disk cannot be mounted here (needs root with CAP_SYS_ADMIN)'
        exit 0
    fi
    chmod 777 disk
    local on="DATA DIRECTORY '$PWD/disk'"
    trap leave EXIT
    if [ "$engine" = sqlite ]; then
        SLUICE_URL=sqlite:$PWD/disk/data.db
        sql 'PRAGMA journal_mode = WAL' >/dev/null
        on=
    else
        private_server
    fi
    if [ "$engine" = postgresql ]; then
        chown postgres disk
        sql "CREATE TABLESPACE small LOCATION '$PWD/disk'"
        on='TABLESPACE small'
    fi
    sql "CREATE TABLE users (id integer NOT NULL PRIMARY KEY, user_name varchar(100) NOT NULL) $on"
    fill users "$2" "i, 'User ' || i"
}

case_a_full_disk_is_told_and_the_same_command_goes_on_once_there_is_space() {
    local size=1m rows=5000 value="lpad(CAST(id AS char(9)), 200, '0')"
    case $engine in
    sqlite) value="printf('%0200d', id)" ;;
    mysql) size=11m rows=20000 ;; # InnoDB takes space by the megabyte
    postgresql) value="lpad(id::text, 200, '0')" ;;
    esac
    users_on_a_small_disk $size $rows
    file 1_a.toml <<END
[[change]]
kind   = "add_column"
table  = "users"
column = "c"
type   = "varchar(300)"
up     = "$value"

[pace]
sleep = "0ms"
duty  = 1.0
END
    run 2 apply
    says_in err 'error: '
    says_in err "$([ "$engine" = postgresql ] && echo 'No space left on device' || echo full)"
    says_in err 'hint: Make space.'
    # The rows are all there, each done or not done; the rest goes on from the checkpoint.
    equal "$(sql 'SELECT count(*) FROM users')" $rows
    equal "$(sql "SELECT count(*) FROM users WHERE c IS NOT NULL AND c <> $value")" 0
    [ "$engine" != sqlite ] || equal "$(sql 'PRAGMA integrity_check')" ok
    mount -o remount,size=50m disk
    run 0 apply
    run 0 verify
    equal "$(sql "SELECT count(*) FROM users WHERE c = $value")" $rows
}

# --- other runners

case_a_second_runner_is_held_off_and_told_by_whom() {
    users 3000; renaming 50ms
    start_apply
    local command
    wait_until walking
    for command in apply 'migrate 1' 'rollback 1'; do
        # shellcheck disable=SC2086
        run 4 $command
        says 'error: the database is held by' "$worker" 'apply' 'hint: '
    done
    # Looking is allowed at any time.
    run 1 status
    run 0 runs
    run 0 pause
    run 4 apply
    run 0 resume
    kill -INT "$worker"
    apply_ends_with 130
    run 0 set batch_rows=1000 sleep=0ms
    finished 3000
}

case_a_runner_that_was_killed_does_not_hold_the_next_one() {
    users 3000; renaming 50ms
    start_apply
    wait_until walking
    kill_worker
    run 0 set batch_rows=1000 sleep=0ms
    finished 3000
}

case_tables_of_a_newer_sluice_are_refused() {
    users 20; renaming
    run 0 apply
    sql "UPDATE $(state_table meta) SET layout = 99, tool_version = '9.8.7'"
    remember
    local command
    for command in apply 'rollback 1' contract verify plan status runs log; do
        # shellcheck disable=SC2086
        run 3 $command
        says 'error: ' '99' '9.8.7' 'hint: '
    done
    unchanged
    sql "UPDATE $(state_table meta) SET layout = 1"
    finished 20
}

cases="
case_an_unreachable_server_is_told postgresql mysql
case_a_host_without_a_name_is_told postgresql mysql
case_a_missing_database_is_told postgresql mysql
case_a_wrong_password_is_told_and_never_printed postgresql mysql
case_a_right_password_is_nowhere_to_be_read postgresql mysql
case_a_file_that_is_read_only_is_told sqlite
case_a_server_that_only_reads_is_told postgresql
case_a_server_that_is_set_to_read_only_is_told mysql
case_a_user_who_may_only_read_is_told postgresql mysql
case_a_full_disk_is_told_and_the_same_command_goes_on_once_there_is_space sqlite postgresql mysql
case_a_second_runner_is_held_off_and_told_by_whom sqlite postgresql mysql
case_a_runner_that_was_killed_does_not_hold_the_next_one sqlite postgresql mysql
case_tables_of_a_newer_sluice_are_refused sqlite postgresql mysql
"
run_cases "$@"
