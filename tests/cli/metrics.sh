#!/usr/bin/env bash
# What a scraper sees of a backfill, printed and served: metrics.sh sqlite|postgresql|mysql
# shellcheck source=tests/cli/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
open_database "$1"

value() { sed -n "s/^sluice_$1 //p" page; } # value METRIC: with its labels, of the page read last
scrape() { run 0 metrics && cp out page; }
run_labels='run="1",migration="20260101000000",table='

check "a database that sluice has never seen can be read" scrape
check "and is up" equal "$(value up)" 1
check "nothing of it is claimed" says_not_in page "sluice_run_state{"
check "reading makes no tables" without_state

# --- printed
items
bumping 50 50ms
start_apply
wait_until has_changed 200
check "metrics are printed while a backfill runs" scrape
check "the rows so far are counted" [ "$(value "run_rows_changed_total{$run_labels\"[a-z.]*item\"}")" -ge 200 ]
check "the run is seen running" equal "$(value "run_state{$run_labels\"[a-z.]*item\",state=\"running\"}")" 1
check "its worker's range is held" equal "$(value "run_leases{$run_labels\"[a-z.]*item\"}")" 1
check "the migration is counted" equal "$(value 'migrations{state="migrating"}')" 1
check "the database is held" equal "$(value lease_held)" 1
check "no brake" equal "$(value brake)" 0
check "JSON holds the same text" json_from 0 metrics
check "as text" [ "$(json_in out '$.result')" = done ]

# --- served, on MySQL to a user whom the server can be made to refuse
if [ "$engine" = mysql ]; then
    on_mysql mariadb -e "CREATE USER '$scratch'@'%' IDENTIFIED BY 'x'; GRANT ALL ON $database.* TO '$scratch'@'%'"
    SLUICE_URL=mysql://$scratch:x@$(host_of mysql)/$database
fi
"$SLUICE_PROGRAM" metrics --listen 127.0.0.1:0 >served.out 2>served.err </dev/null &
server=$!
child "$server"
wait_until grep -q listening served.out
address=$(sed -n 's,.*http://\(.*\)/metrics,\1,p' served.out)
get() { curl -s --max-time 20 -o page -w '%{http_code} %{content_type}' "http://$address$1"; } # get PATH: status and type
check "GET /metrics is answered in the format of Prometheus" equal "$(get /metrics)" "200 text/plain; version=0.0.4; charset=utf-8"
check "with the run" equal "$(value "run_desired{$run_labels\"[a-z.]*item\",desired=\"running\"}")" 1
check "a query does not matter" equal "$(get '/metrics?x=1' | cut -c1-3)" 200
check "elsewhere there is nothing" equal "$(get / | cut -c1-3)" 404
check "only GET" equal "$(curl -s --max-time 20 -o page -w '%{http_code}' -X DELETE "http://$address/metrics")" 405

say_to() { # say_to TEXT: its answer, as far as it comes
    exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
    printf "$1" >&3 2>/dev/null
    timeout 20 cat <&3 2>/dev/null
    exec 3>&-
}
check "garbage is told so" equal "$(say_to '\x00\x01 what\r\n\r\n' | head -1 | tr -d '\r')" "HTTP/1.1 400 Bad Request"
check "an endless head is cut off" [ -z "$(say_to "GET /metrics HTTP/1.1\r\nX: $(head -c 20000 /dev/zero | tr '\0' x)")" ]
exec 4<>"/dev/tcp/${address%:*}/${address##*:}" # says nothing, and stays
exec 5<>"/dev/tcp/${address%:*}/${address##*:}"
printf 'GET /metr' >&5 # does not go on
check "who is slow does not keep the next one waiting" equal "$(get /metrics | cut -c1-3)" 200
exec 4>&- 5>&-
exec 6<>"/dev/tcp/${address%:*}/${address##*:}"
printf 'GET /metrics HTTP/1.1\r\n\r\n' >&6
exec 6>&- # gone before the answer
check "who leaves early does no harm" equal "$(get /metrics | cut -c1-3)" 200
check "a second server on the same port is refused" run 64 metrics --listen "$address"
check "and told why" says_in err "in use"
check "an address must have a port" run 64 metrics --listen 127.0.0.1

before=$(value "run_batches_total{$run_labels\"[a-z.]*item\"}")
goes_on() { get /metrics >/dev/null && [ "$(value "run_batches_total{$run_labels\"[a-z.]*item\"}")" -gt "$before" ]; }
check "every scrape reads anew" wait_until goes_on

# --- the database goes away, and comes back
case $engine in
sqlite) away() { mv data.db gone.db && mkdir data.db; } ; back() { rmdir data.db && mv gone.db data.db; } ;;
postgresql)
    away() { on_postgresql postgres -c "ALTER DATABASE $database RENAME TO ${database}_gone"; }
    back() { on_postgresql postgres -c "ALTER DATABASE ${database}_gone RENAME TO $database"; } ;;
mysql)
    away() { on_mysql mariadb -e "ALTER USER '$scratch'@'%' ACCOUNT LOCK"; }
    back() { on_mysql mariadb -e "ALTER USER '$scratch'@'%' ACCOUNT UNLOCK"; } ;;
esac
kill_worker
is_down() { get /metrics >/dev/null && [ "$(value up)" = 0 ]; }
is_up() { get /metrics >/dev/null && [ "$(value up)" = 1 ]; }
wait_until away
check "a database out of reach is seen as down" wait_until is_down
check "which is said" says_in served.out "the database cannot be read"
check "on a line without the password" says_not_in served.out ":x@"
back
check "and is found again" wait_until is_up
kill -INT "$server"
wait_until has_ended "$server"
check "Ctrl-C ends it" wait "$server"
finish
