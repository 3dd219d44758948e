#!/usr/bin/env bash
# Taking over a database: what was applied before is marked and never run, the folders of other
# tools become migration files that do the same, and a plain statement becomes a declared change.
# shellcheck source=tests/cli/lib.sh
source "$(dirname "$0")/lib.sh"

state_of() { # state_of VERSION: as status tells it
    sluice status --json >status.json 2>&1
    sqlite3 :memory: "SELECT json_extract(value, '\$.state') FROM json_each(CAST(readfile('status.json') AS TEXT), '\$.migrations') WHERE json_extract(value, '\$.version') = '$1'"
}

written_out() { # written_out NAME SQL UNDO
    file "$1" <<END
[[expand]]
sql  = "$2"
undo = "$3"
END
}

three_files() {
    written_out 1_a.toml "CREATE TABLE a (i integer)" "DROP TABLE a"
    written_out 2_b.toml "CREATE TABLE b (i integer)" "DROP TABLE b"
    written_out 3_c.toml "CREATE TABLE c (i integer)" "DROP TABLE c"
}

# --- baseline

case_what_was_there_before_is_marked_and_never_run() {
    three_files
    sql "CREATE TABLE a (i integer)"; sql "CREATE TABLE b (i integer)"
    run 0 baseline 2 --dry-run
    says "1 a: pending -> baselined" "2 b: pending -> baselined" "2 migrations would be marked"
    without_state
    run 0 baseline 2 --reason "release 41"
    says "1 a: pending -> baselined" "2 migrations marked as applied"
    equal "$(state_of 1)" baselined; equal "$(state_of 3)" pending
    run 1 status; says "baselined" "3 migrations, 1 pending"
    run 0 apply; says_not "1 a" "2 b"
    run 0 status; says "0 pending"
    run 0 ensure
    run 0 plan; says "nothing is pending"
    run 0 log; says baseline "release 41" "$(id -un)"
    run 3 rollback 2; says "before sluice took over" "baseline --forget 2"
    run 3 contract 2; says "before sluice took over"
    run 3 verify 2; run 3 purge 2
    run 0 show 2; says baselined
    run 0 metrics; says 'sluice_migrations{state="baselined"} 2'
    equal "$(sql "SELECT count(*) FROM b")" 0
}

case_repeating_a_baseline_changes_nothing_and_goes_further_only_where_asked() {
    three_files
    sql "CREATE TABLE a (i integer)"
    run 0 baseline a
    run 0 log; cp output first
    run 0 baseline 1; says "0 migrations marked" "1 stay as they are"
    run 0 log; cmp -s first output || fail "the ledger was written to"
    run 0 baseline --all; says "2 migrations marked" "1 stay as they are"
    run 0 status
    run 0 baseline --forget 2 --dry-run; says "3 c: baselined -> pending"; equal "$(state_of 3)" baselined
    run 0 baseline --forget 2; says "2 b: baselined -> pending"
    equal "$(state_of 1)$(state_of 2)$(state_of 3)" baselinedpendingpending
    run 0 apply; equal "$(sql "SELECT count(*) FROM c")" 0
    run 0 baseline --all; says "0 migrations marked"
    equal "$(state_of 3)" migrated
}

case_an_edit_of_a_marked_file_is_noticed_and_can_be_marked_anew() {
    three_files
    run 0 baseline --all
    written_out 2_b.toml "CREATE TABLE b (j integer)" "DROP TABLE b"
    run 1 status; says edited
    run 3 apply; says "was edited" "sluice baseline 2"
    run 0 baseline 2; says "1 migration marked"
    run 0 status; run 0 apply
}

case_a_file_that_sorts_before_a_marked_one_is_late() {
    three_files; rm migrations/1_a.toml
    run 0 baseline --all
    written_out 1_a.toml "CREATE TABLE a (i integer)" "DROP TABLE a"
    run 3 apply; says "--allow-late"
    run 0 apply --allow-late
}

case_a_migration_under_way_is_not_marked_over() {
    users 3; renaming
    written_out 2_b.toml "CREATE TABLE b (i integer)" "DROP TABLE b"
    run 0 expand 1
    run 3 baseline --all; says "is expanded" "sluice rollback 1"
    equal "$(state_of 2)" pending
    run 0 rollback 1
    run 0 baseline 2; equal "$(state_of 1)" baselined
}

case_a_baseline_without_files_makes_the_tables_alone() {
    run 0 baseline --all; says "0 migrations"
    [ -n "$(state_tables)" ] || fail "no tables"
}

case_a_baseline_says_what_it_needs_and_speaks_json() {
    three_files
    run 64 baseline; says "sluice baseline --all"
    run 64 baseline 2 --all
    run 64 baseline 9; says "no migration is called"
    json_from 0 baseline 2 --dry-run
    equal "$(json_in out '$.migrations[1].to')" baselined
    equal "$(json_in out '$.result')" preview
    run 0 baseline 2 --json
    tail -n 1 out >last.json; equal "$(json_in last.json '$.migrations[0].changed')" 1
    users 1; renaming; mv migrations/1_a.toml migrations/4_a.toml; run 0 expand 4 --allow-late
    json_error 3 baseline --all
}

# --- import: the same schema as each tool writes it

table_sql="CREATE TABLE people (id integer NOT NULL PRIMARY KEY, name varchar(50) NOT NULL DEFAULT 'a;b', n integer)"
index_sql="CREATE INDEX people_name ON people (name)"
view_sql="CREATE VIEW named AS SELECT id, name FROM people"
trigger_sql() {
    case $engine in
    sqlite) echo "CREATE TRIGGER people_n AFTER INSERT ON people BEGIN
  UPDATE people SET n = CASE WHEN id > 9 THEN 2 ELSE 1 END WHERE id = NEW.id;
  DELETE FROM people WHERE id < 0;
END" ;;
    mysql) echo "CREATE TRIGGER people_n BEFORE INSERT ON people FOR EACH ROW
BEGIN
  IF NEW.id > 9 THEN SET NEW.n = 2; ELSE SET NEW.n = 1; END IF;
  SET NEW.name = trim(NEW.name);
END" ;;
    postgresql) echo "CREATE FUNCTION set_n() RETURNS trigger LANGUAGE plpgsql AS \$\$
BEGIN
  NEW.n := 1;
  RETURN NEW;
END \$\$" ;;
    esac
}
more_up() { [ "$engine" != postgresql ] || echo "CREATE TRIGGER people_n BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION set_n();"; }
more_down() {
    if [ "$engine" = postgresql ]; then echo "DROP TRIGGER people_n ON people; DROP FUNCTION set_n();"; else echo "DROP TRIGGER people_n;"; fi
}
drop_index() { if [ "$engine" = mysql ]; then echo "DROP INDEX people_name ON people;"; else echo "DROP INDEX people_name;"; fi; }

up_1="$table_sql;
-- looked up by name
$index_sql;"
up_2() { trigger_sql; echo ";"; more_up; }
up_2_delimited() { # as the mysql client wants it
    if [ "$engine" = mysql ]; then echo "DELIMITER //"; trigger_sql; echo "//"; echo "DELIMITER ;"; else up_2; fi
}
down_1() { drop_index; echo "DROP TABLE people;"; }
up_3="$view_sql;"
down_3="DROP VIEW named;"
[ -n "$up_3" ] || exit 2

dbmate_folder() {
    mkdir -p theirs
    printf -- '-- migrate:up\n%s\n-- migrate:down\n%s\n' "$up_1" "$(down_1)" >theirs/20240101000001_people.sql
    printf -- '-- migrate:up transaction:false\n%s\n-- migrate:down\n%s\n' "$(up_2)" "$(more_down)" >theirs/20240101000002_trigger.sql
    printf -- '-- migrate:up\n%s\n-- migrate:down\n%s\n' "$up_3" "$down_3" >theirs/20240101000003_view.sql
}
golang_migrate_folder() {
    mkdir -p theirs
    echo "$up_1" >theirs/000001_people.up.sql; down_1 >theirs/000001_people.down.sql
    up_2 >theirs/000002_trigger.up.sql; more_down >theirs/000002_trigger.down.sql
    echo "$up_3" >theirs/000003_view.up.sql; echo "$down_3" >theirs/000003_view.down.sql
}
goose_folder() {
    mkdir -p theirs
    printf -- '-- +goose Up\n%s\n\n-- +goose Down\n%s\n' "$up_1" "$(down_1)" >theirs/00001_people.sql
    printf -- '-- +goose Up\n-- +goose StatementBegin\n%s;\n-- +goose StatementEnd\n%s\n-- +goose Down\n%s\n' "$(trigger_sql)" "$(more_up)" "$(more_down)" >theirs/00002_trigger.sql
    printf -- '-- +goose Up\n%s\n-- +goose Down\n%s\n' "$up_3" "$down_3" >theirs/00003_view.sql
}
flyway_folder() {
    mkdir -p theirs/later
    echo "$up_1" >theirs/V1__people.sql; down_1 >theirs/U1__people.sql
    up_2_delimited >theirs/V1.1__trigger.sql; more_down >theirs/U1.1__trigger.sql
    echo "$up_3" >theirs/later/V2__view.sql; echo "$down_3" >theirs/later/U2__view.sql
}
sqitch_folder() {
    mkdir -p theirs/deploy theirs/revert theirs/verify
    local name
    printf '%%syntax-version=1.0.0\n%%project=shop\n\n' >theirs/sqitch.plan
    for name in people "trigger [people]" "view [people]"; do
        echo "$name 2024-01-01T00:00:00Z Ann <ann@example.com> # it" >>theirs/sqitch.plan
    done
    printf 'BEGIN;\n%s\nCOMMIT;\n' "$up_1" >theirs/deploy/people.sql; down_1 >theirs/revert/people.sql
    up_2_delimited >theirs/deploy/trigger.sql; more_down >theirs/revert/trigger.sql
    echo "$up_3" >theirs/deploy/view.sql; echo "$down_3" >theirs/revert/view.sql
    echo "SELECT 1;" >theirs/verify/people.sql
}
alembic_folder() {
    mkdir -p theirs
    {
        echo "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));"
        printf -- '-- Running upgrade  -> aaa111\n\n%s\n' "$up_1"
        echo "INSERT INTO alembic_version (version_num) VALUES ('aaa111');"
        printf -- '-- Running upgrade aaa111 -> bbb222\n\n%s\n' "$(up_2)"
        echo "UPDATE alembic_version SET version_num='bbb222' WHERE alembic_version.version_num = 'aaa111';"
        printf -- '-- Running upgrade bbb222 -> ccc333\n\n%s\n' "$up_3"
        echo "UPDATE alembic_version SET version_num='ccc333' WHERE alembic_version.version_num = 'bbb222';"
    } >theirs/up.sql
    {
        printf -- '-- Running downgrade ccc333 -> bbb222\n\n%s\n' "$down_3"
        printf -- '-- Running downgrade bbb222 -> aaa111\n\n%s\n' "$(more_down)"
        printf -- '-- Running downgrade aaa111 -> \n\n%s\nDROP TABLE alembic_version;\n' "$(down_1)"
    } >theirs/down.sql
}

# A trigger and a view of MySQL's keep the character set and sql_mode of the session that made them.
shape() { dump | grep -v '^/[*]!5000[13] SET '; }
plain() { # what the SQL gives when a client runs it: in the file plain
    sql "$up_1"
    sql "$(up_2_delimited)"
    sql "$up_3"
    shape >plain
    sql "$down_3"; sql "$(more_down)"; sql "$(down_1)"
}

versions() { local path; for path in migrations/*.toml; do path=${path##*/}; echo "${path%%_*}"; done; }

does_the_same() { # does_the_same TOOL CODE: imported, applied, compared, taken back
    local version
    remember; plain; unchanged
    "${1//-/_}_folder"
    run "$2" import theirs; says "3 migrations of 3, from $1"
    run 0 plan
    run 0 apply
    shape >mine; cmp -s plain mine || fail "another schema: $(diff plain mine | head -20)"
    sql "INSERT INTO people (id) VALUES (1)"
    equal "$(sql "SELECT n FROM people")" 1
    for version in $(versions | sort -r); do run 0 rollback "$version"; done
    unchanged
}
case_a_folder_of_dbmate_does_the_same() { does_the_same dbmate 0; }
case_a_folder_of_golang_migrate_does_the_same() { does_the_same golang-migrate 0; }
case_a_folder_of_goose_does_the_same() { does_the_same goose 0; }
case_a_folder_of_flyway_does_the_same() { does_the_same flyway 0; }
case_a_folder_of_sqitch_does_the_same() { does_the_same sqitch 0; }
case_a_folder_of_alembic_does_the_same() { does_the_same alembic 0; }

# --- import: what is applied already

marks_two() { # marks_two TOOL TABLE…: the first two are marked, the third is applied
    local applied
    sql "$up_1"; sql "$(up_2_delimited)"
    run 0 import theirs --dry-run; says "would be written" "2 of them applied already"
    [ ! -e migrations/*.toml ] || fail "a file was written"
    without_state
    run 0 import theirs --reason "from $1 to sluice"; says "applied already" "$2"
    applied=$(versions)
    equal "$(for v in $applied; do state_of "$v"; done | tr '\n' ' ')" "baselined baselined pending "
    run 0 apply
    run 0 status; says "0 pending"
    run 0 log; says "from $1 to sluice"
    run 0 import theirs; says "there already" # again: nothing more to do
    equal "$(sql "SELECT count(*) FROM named")" 0
}
case_what_dbmate_has_applied_is_marked() {
    dbmate_folder
    sql "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)"
    sql "INSERT INTO schema_migrations VALUES ('20240101000001'), ('20240101000002')"
    marks_two dbmate schema_migrations
}
case_what_golang_migrate_has_applied_is_marked() {
    golang_migrate_folder
    sql "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)"
    sql "INSERT INTO schema_migrations VALUES (2, false)"
    marks_two golang-migrate schema_migrations
}
case_what_goose_has_applied_is_marked() {
    goose_folder
    sql "CREATE TABLE goose_db_version (id integer PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL)"
    sql "INSERT INTO goose_db_version VALUES (1, 0, true), (2, 1, true), (3, 2, true), (4, 3, true), (5, 3, false)"
    marks_two goose goose_db_version
}
case_what_flyway_has_applied_is_marked() {
    flyway_folder
    sql "CREATE TABLE flyway_schema_history (installed_rank integer PRIMARY KEY, version varchar(50), description varchar(200), type varchar(20), script varchar(1000), checksum integer, success boolean NOT NULL)"
    sql "INSERT INTO flyway_schema_history VALUES (0, NULL, '<< Flyway Schema Creation >>', 'SCHEMA', 'x', NULL, true), (1, '1', 'people', 'SQL', 'V1__people.sql', 1, true), (2, '1.1', 'trigger', 'SQL', 'V1.1__trigger.sql', 2, true)"
    marks_two flyway flyway_schema_history
}
case_what_alembic_has_applied_is_marked() {
    alembic_folder
    sql "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)"
    sql "INSERT INTO alembic_version VALUES ('bbb222')"
    marks_two alembic alembic_version
}
sqitch_registry() { # its schema, or a database of its own; here in the same one
    local q='"'; [ "$engine" != mysql ] || q='`'
    local in=; [ "$engine" != postgresql ] || { sql "CREATE SCHEMA sqitch"; in=sqitch.; }
    sql "CREATE TABLE ${in}changes (change_id varchar(40) PRIMARY KEY, ${q}change${q} varchar(200), committed_at varchar(40))"
    sql "CREATE TABLE ${in}events (${q}event${q} varchar(10), change_id varchar(40), ${q}change${q} varchar(200), committed_at varchar(40))"
    sql "INSERT INTO ${in}changes VALUES ('x1', 'people', '2024-01-01'), ('x2', 'trigger', '2024-01-02')"
    sql "INSERT INTO ${in}events VALUES ('fail', 'x1', 'people', '2023-12-31'), ('deploy', 'x1', 'people', '2024-01-01'), ('deploy', 'x2', 'trigger', '2024-01-02')"
    registry=$in
}
case_what_sqitch_has_applied_is_marked() {
    sqitch_folder; sqitch_registry
    marks_two sqitch changes
}
case_a_failed_change_of_sqitch_is_refused() {
    sqitch_folder; sqitch_registry
    sql "INSERT INTO ${registry}events VALUES ('fail', 'x3', 'view', '2024-01-03')"
    run 3 import theirs; says "\"view\" is half applied" "sqitch revert"
}

case_a_dirty_or_failed_row_is_refused_with_what_to_do() {
    golang_migrate_folder
    sql "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)"
    sql "INSERT INTO schema_migrations VALUES (2, true)"
    run 3 import theirs; says "half applied" "migrate force 2"
    [ ! -e migrations/*.toml ] || fail "a file was written"
    without_state
    rm -r theirs; flyway_folder
    sql "CREATE TABLE flyway_schema_history (installed_rank integer PRIMARY KEY, version varchar(50), description varchar(200), type varchar(20), success boolean NOT NULL)"
    sql "INSERT INTO flyway_schema_history VALUES (1, '1', 'people', 'SQL', false)"
    run 3 import theirs; says "half applied" "flyway repair"
}

case_a_gap_in_what_was_applied_is_told() {
    dbmate_folder
    sql "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)"
    sql "INSERT INTO schema_migrations VALUES ('20240101000001'), ('20240101000003'), ('20230101000009')"
    run 1 import theirs
    says "20240101000002_trigger.sql:1: warning: is not applied" "--allow-late" '"20230101000009" is applied, and there is no file'
}

# --- import: what cannot be carried over

case_what_cannot_be_carried_over_is_named_and_nothing_is_written() {
    goose_folder
    echo "package migrations" >theirs/00004_fill.go
    printf -- '-- +goose Up\n-- +goose ENVSUB ON\nCREATE TABLE ${OWNER}_t (i integer);\n' >theirs/00005_env.sql
    run 3 import theirs
    says "theirs/00004_fill.go:1: problem: is a program in Go" 'theirs/00005_env.sql:3: problem: takes the environment variable "OWNER"' "2 of 5 migrations" "--partial"
    [ ! -e migrations/*.toml ] || fail "a file was written"
    run 1 import theirs --partial
    says "3 migrations of 5" "theirs/00004_fill.go: left out"
    equal "$(versions | tr '\n' ' ')" "00001 00002 00003 "
    run 1 import theirs --partial --json; is_json out
    equal "$(json_in out '$.findings[0].line')" 1
    equal "$(json_in out '$.migrations[3].outcome')" left_out
}

case_no_file_is_written_over() {
    goose_folder
    run 0 import theirs
    echo "# mine" >>migrations/00002_trigger.toml
    run 3 import theirs; says "00002_trigger.toml" "is there already"
    run 0 import theirs --to elsewhere; [ -e elsewhere/00002_trigger.toml ] || fail "not written"
    rm -r elsewhere migrations/*
    written_out 2_other.toml "SELECT 1" "SELECT 1"
    run 3 import theirs; says "2_other.toml"
    equal "$(versions)" 2
}

case_words_of_import_are_checked() {
    mkdir empty; echo "SELECT 1;" >empty/a.sql
    run 64 import nowhere; says 'there is no folder "nowhere"'
    run 64 import empty; says "golang-migrate"
    goose_folder
    run 64 import theirs --from gose; says 'Did you mean "goose"?'
    run 3 import theirs --from dbmate; says 'has no line "-- migrate:up"'
    SLUICE_URL='' run 64 import theirs; says "--engine"
    SLUICE_URL='' run 0 import theirs --engine "$engine"; says "3 migrations of 3"
}

# --- new --from-sql

case_a_plain_statement_becomes_the_change_that_it_means() {
    users 20
    run 0 new --from-sql 'ALTER TABLE users ADD COLUMN age integer, RENAME COLUMN user_name TO username'
    says "users_age.toml" 'add_column "age" of "users"' 'rename_column "user_name" of "users" to "username"'
    grep -q 'kind  = "rename_column"' migrations/*.toml || fail "not declared: $(cat migrations/*.toml)"
    run 0 plan
    run 0 apply; finished 20
    equal "$(sql "SELECT count(*) FROM users WHERE age IS NULL")" 20
    json_from 0 new --from-sql 'DELETE FROM users WHERE id < 0' --name clean
    equal "$(json_in out '$.command')" new
    run 64 new --from-sql "SELECT 'open"; says "never closed"
    run 64 new; run 64 new rename_column --from-sql 'SELECT 1'
}

case_a_way_back_may_make_again_what_is_there_now() {
    sql "CREATE TABLE b (i integer)"; remember
    written_out 1_b.toml "DROP TABLE b" "CREATE TABLE b (i integer)"
    run 0 plan; run 0 apply; run 0 rollback; unchanged
}

all="sqlite postgresql mysql"
cases="
case_what_was_there_before_is_marked_and_never_run $all
case_repeating_a_baseline_changes_nothing_and_goes_further_only_where_asked $all
case_an_edit_of_a_marked_file_is_noticed_and_can_be_marked_anew $all
case_a_file_that_sorts_before_a_marked_one_is_late $all
case_a_migration_under_way_is_not_marked_over $all
case_a_baseline_without_files_makes_the_tables_alone $all
case_a_baseline_says_what_it_needs_and_speaks_json sqlite
case_a_folder_of_dbmate_does_the_same $all
case_a_folder_of_golang_migrate_does_the_same $all
case_a_folder_of_goose_does_the_same $all
case_a_folder_of_flyway_does_the_same $all
case_a_folder_of_sqitch_does_the_same $all
case_a_folder_of_alembic_does_the_same $all
case_what_dbmate_has_applied_is_marked $all
case_what_golang_migrate_has_applied_is_marked $all
case_what_goose_has_applied_is_marked $all
case_what_flyway_has_applied_is_marked $all
case_what_alembic_has_applied_is_marked $all
case_what_sqitch_has_applied_is_marked $all
case_a_failed_change_of_sqitch_is_refused $all
case_a_dirty_or_failed_row_is_refused_with_what_to_do $all
case_a_gap_in_what_was_applied_is_told $all
case_what_cannot_be_carried_over_is_named_and_nothing_is_written sqlite
case_no_file_is_written_over sqlite
case_words_of_import_are_checked $all
case_a_plain_statement_becomes_the_change_that_it_means $all
case_a_way_back_may_make_again_what_is_there_now $all
"

run_cases "$@"
