#!/usr/bin/env bash
# What is wrong in the files, in the command line or in the table's shape: the message says what was
# found, where and what helps; the exit code is the documented one; the database is as it was.
# shellcheck source=tests/cli/lib.sh
source "$(dirname "$0")/lib.sh"

renaming_file() { # a good file: renaming_file NAME [FROM TO]
    file "$1" <<END
[[change]]
kind  = "rename_column"
table = "users"
from  = "${2:-user_name}"
to    = "${3:-username}"
END
}

# A wrong file stops every command before the database is asked anything.
refused_file() { # refused_file TEXT…: says all of them, nothing was made
    local command
    users 3; remember
    for command in plan apply; do
        run 2 $command
        says "error: " "$@"
    done
    without_state; unchanged
}

case_an_unknown_key_is_named_with_its_place_and_the_nearest() {
    file 1_a.toml <<<$'[[change]]\nkind = "rename_column"\ntable = "users"\nform = "user_name"\nto = "username"'
    refused_file '1_a.toml:4:1' '"form"' 'Did you mean "from"?'
}

case_an_unknown_key_at_the_top_is_named() {
    file 1_a.toml <<<$'sumary = "x"\n[[expand]]\nsql = "SELECT 1"\nundo = false'
    refused_file '1_a.toml:1:1' '"sumary"' 'Did you mean "summary"?'
}

case_an_unknown_kind_is_named_with_the_nearest() {
    file 1_a.toml <<<$'[[change]]\nkind = "rename_colum"\ntable = "users"'
    refused_file '1_a.toml:2:' '"rename_colum"' 'Did you mean "rename_column"?'
}

case_an_unknown_key_of_a_section_is_named() {
    file 1_a.toml <<<$'[[backfill]]\ntable = "users"\nset = { n = "1" }\nwhere = "n = 0"\n\n[pace]\nbatch_row = 10'
    refused_file '1_a.toml:7:1' '"batch_row"' 'Did you mean "batch_rows"?'
}

case_a_table_where_a_list_belongs_is_told() {
    file 1_a.toml <<<$'[change]\nkind = "rename_column"\ntable = "users"\nfrom = "user_name"\nto = "username"'
    refused_file '1_a.toml:1:' '[[change]]'
}

case_a_list_where_a_table_belongs_is_told() {
    file 1_a.toml <<<$'[[expand]]\nsql = "SELECT 1"\nundo = false\n[[pace]]\nbatch_rows = 10'
    refused_file '1_a.toml:4:' '[pace]'
}

case_a_list_where_a_text_belongs_is_told() {
    file 1_a.toml <<<$'[[change]]\nkind = "rename_column"\ntable = ["users"]\nfrom = "user_name"\nto = "username"'
    refused_file '1_a.toml:3:' '"table"'
}

case_an_empty_file_is_told() {
    : >migrations/1_a.toml
    refused_file '1_a.toml' 'empty'
}

case_a_file_of_comments_is_told() {
    file 1_a.toml <<<$'# nothing yet\n'
    refused_file '1_a.toml'
}

case_a_file_that_is_not_utf_8_is_told() {
    printf 'summary = "caf\xe9"\n[[expand]]\nsql = "SELECT 1"\nundo = false\n' >migrations/1_a.toml
    refused_file '1_a.toml:1:' 'UTF-8'
}

case_broken_toml_is_told_with_its_place() {
    file 1_a.toml <<<$'[[change]\nkind = "rename_column"'
    refused_file '1_a.toml:1:'
}

case_two_files_with_one_version_are_both_named() {
    renaming_file 1_a.toml; renaming_file 01_b.toml n m
    refused_file 'two files have the version' '1_a.toml' '01_b.toml'
}

case_a_file_without_a_version_is_told() {
    renaming_file rename.toml
    refused_file 'rename.toml' 'version'
}

case_a_late_file_is_refused_and_can_be_allowed() {
    users 20; renaming_file 2_b.toml
    run 0 apply
    file 1_a.toml <<<$'[[change]]\nkind = "add_column"\ntable = "users"\ncolumn = "note"\ntype = "varchar(10)"'
    remember
    run 3 apply
    says 'error: ' '1_a.toml sorts before migration "2"' 'hint: Rename the file' '--allow-late'
    unchanged
    run 1 status
    says 'late'
    run 0 apply --allow-late
    equal "$(sql 'SELECT count(*) FROM users WHERE note IS NULL')" 20
}

case_an_applied_file_that_was_edited_is_refused() {
    users 20; renaming_file 1_a.toml
    run 0 apply
    remember
    cp migrations/1_a.toml good.toml
    renaming_file 1_a.toml user_name login
    run 3 apply
    says 'error: ' '1_a.toml was edited' 'hint: Restore the file'
    run 3 contract
    says 'is closed' '1_a.toml was edited' 'restore the file'
    unchanged
    run 1 status
    says 'edited'
    cp good.toml migrations/1_a.toml
    # A comment is no edit.
    echo '# rows: 20' >>migrations/1_a.toml
    run 0 apply
    # The way back is the recorded one, whatever has become of the file.
    renaming_file 1_a.toml user_name login
    run 0 rollback
    equal "$(sql 'SELECT count(user_name) FROM users')" 20
    run 0 apply
    equal "$(sql 'SELECT count(login) FROM users')" 20
}

case_a_missing_table_is_told_with_the_nearest() {
    users 3; remember
    file 1_a.toml <<<$'[[change]]\nkind = "rename_column"\ntable = "user"\nfrom = "user_name"\nto = "username"'
    run 2 plan
    run 2 apply
    says 'error: ' '1_a.toml:1:1' 'no table "user"' 'Did you mean "users"?'
    unchanged; nothing_begun
}

case_a_missing_column_is_told_with_the_nearest() {
    users 3; remember
    renaming_file 1_a.toml user_nam
    run 2 plan
    run 2 apply
    says 'error: ' '1_a.toml:1:1' 'has no column "user_nam"' 'Did you mean "user_name"?'
    unchanged; nothing_begun
}

case_a_missing_column_of_a_backfill_is_told_with_the_nearest() {
    users 3; remember
    file 1_a.toml <<<$'[[backfill]]\ntable = "users"\nset = { usr_name = "lower(user_name)" }\nwhere = "n = 0"'
    run 2 apply
    says 'error: ' '1_a.toml:' '"usr_name"' 'Did you mean "user_name"?'
    unchanged; nothing_begun
}

backfill_of() { # backfill_of TABLE [KEY]
    file 1_a.toml <<END
[[backfill]]
table = "$1"
${2:+key = [$2]}
set   = { n = "1" }
where = "n = 0"
END
}

case_a_table_without_a_key_is_refused() {
    sql 'CREATE TABLE loose (a bigint, n bigint NOT NULL)'
    sql 'INSERT INTO loose VALUES (1, 0), (1, 0)'
    remember; backfill_of loose
    run 3 plan
    run 3 apply
    says 'error: ' '1_a.toml:' 'loose" has no primary key' 'hint: ' 'key = ['
    unchanged; nothing_begun
}

case_a_nullable_key_is_refused_with_the_alternative() {
    sql 'CREATE TABLE loose (a bigint, b bigint NOT NULL, n bigint NOT NULL)'
    sql 'CREATE UNIQUE INDEX loose_a ON loose (a)'
    sql 'CREATE UNIQUE INDEX loose_b ON loose (b)'
    sql 'INSERT INTO loose VALUES (NULL, 1, 0), (2, 2, 0)'
    remember; backfill_of loose '"a"'
    run 3 apply
    says 'error: ' 'loose" cannot be walked by "a"' 'NULL' 'hint: ' 'key = ["b"]'
    unchanged; nothing_begun
    backfill_of loose '"b"'
    run 0 apply
    equal "$(sql 'SELECT sum(n) FROM loose')" 2
}

case_a_float_key_is_refused() {
    local type='double precision'
    sql "CREATE TABLE loose (a $type NOT NULL PRIMARY KEY, n bigint NOT NULL)"
    sql 'INSERT INTO loose VALUES (0.1, 0), (0.2, 0)'
    remember; backfill_of loose
    run 3 apply
    says 'error: ' 'loose" cannot be walked by "a"' 'hint: '
    unchanged; nothing_begun
}

case_a_key_that_is_not_unique_is_refused() {
    users 3; remember; backfill_of users '"user_name"'
    run 3 apply
    says 'error: ' 'users" has no unique index' '"user_name"' 'key = ["id"]'
    unchanged; nothing_begun
}

# The first statement of each file is good and would be run first.
# The place is that of the section; what is wrong in it is named.
wrong_sql() { # wrong_sql TEXT…
    local command
    for command in plan apply; do
        run 2 $command
        says 'error: ' '1_a.toml:4:1: ' 'statement: ' 'hint: Nothing was changed' "$@"
    done
    unchanged; nothing_begun
    run 1 status
    says 'pending'
}

good_expand=$'[[expand]]\nsql = "ALTER TABLE users ADD COLUMN c bigint"\nundo = "ALTER TABLE users DROP COLUMN c"\n'

case_expand_that_does_not_parse_is_found_before_anything_is_changed() {
    users 3; remember
    file 1_a.toml <<<"$good_expand"$'[[expand]]\nsql = "ALTER TABEL users ADD COLUMN d bigint"\nundo = false'
    wrong_sql '[[expand]] sql: '
}

case_undo_that_does_not_parse_is_found_before_anything_is_changed() {
    users 3; remember
    file 1_a.toml <<<"$good_expand"$'[[expand]]\nsql = "ALTER TABLE users ADD COLUMN d bigint"\nundo = "ALTER TABEL users DROP COLUMN d"'
    wrong_sql '[[expand]] undo: '
}

case_contract_that_does_not_parse_is_found_before_anything_is_changed() {
    users 3; remember
    file 1_a.toml <<<"$good_expand"$'[[contract]]\nsql = "ALTER TABLE users DORP COLUMN n"\nundo = false'
    wrong_sql '[[contract]] sql: '
}

case_set_that_does_not_parse_is_found_before_anything_is_changed() {
    users 3; remember
    file 1_a.toml <<<"$good_expand"$'[[backfill]]\ntable = "users"\nset = { c = "n + * 2" }\nwhere = "c IS NULL"'
    wrong_sql '`set.c`: '
}

case_where_that_does_not_parse_is_found_before_anything_is_changed() {
    users 3; remember
    file 1_a.toml <<<"$good_expand"$'[[backfill]]\ntable = "users"\nset = { c = "n" }\nwhere = "c IS IS NULL"'
    wrong_sql '`where`: '
}

case_expect_that_does_not_parse_is_found_before_anything_is_changed() {
    users 3; remember
    file 1_a.toml <<<"$good_expand"$'[[verify]]\ntable = "users"\nexpect = "(c = n"'
    wrong_sql '`expect`: '
}

case_up_that_does_not_parse_is_found_before_anything_is_changed() {
    users 3; remember
    file 1_a.toml <<<"$good_expand"$'[[change]]\nkind = "change_column"\ntable = "users"\ncolumn = "n"\nnullable = true\ntype = "varchar(20)"\ndefault = "NULL"\nup = "lower(n"\ndown = "1"'
    wrong_sql '`up` of column "n": '
}

case_down_that_does_not_parse_is_found_before_anything_is_changed() {
    users 3; remember
    file 1_a.toml <<<"$good_expand"$'[[change]]\nkind = "change_column"\ntable = "users"\ncolumn = "n"\nnullable = true\ntype = "varchar(20)"\ndefault = "NULL"\nup = "lower(user_name)"\ndown = "1 +"'
    wrong_sql '`down` of column "n": '
}

case_up_with_an_unknown_column_is_found_before_anything_is_changed() {
    users 3; remember
    file 1_a.toml <<<"$good_expand"$'[[change]]\nkind = "add_column"\ntable = "users"\ncolumn = "lower_name"\ntype = "varchar(100)"\nup = "lower(usr_name)"'
    wrong_sql '`up` of column "lower_name": ' 'usr_name'
    # Neither the words of the earlier statement nor its table make the column exist.
    sed -i '1,3s/.*/\L&/' migrations/1_a.toml
    wrong_sql 'usr_name'
}

case_two_statements_in_one_text_are_found_before_anything_is_changed() {
    users 3; remember
    file 1_a.toml <<<"$good_expand"$'[[expand]]\nsql = "DELETE FROM users; DELETE FROM users"\nundo = false'
    wrong_sql '[[expand]] sql: '
}

case_wrong_sql_of_a_later_file_is_told_by_plan_and_leaves_the_earlier_one_applied() {
    users 3
    file 0_first.toml <<<"$good_expand"
    file 1_a.toml <<<$'[[expand]]\nsql = "ALTER TABEL users ADD COLUMN d bigint"\nundo = false'
    run 2 plan
    says 'error: ' '1_a.toml:1:1: [[expand]] sql: '
    run 2 apply
    says 'error: ' '1_a.toml:1:1: [[expand]] sql: '
    run 1 status
    says 'migrated' 'pending'
}

wrong_url() { # wrong_url URL TEXT…
    SLUICE_URL=$1; shift
    run 64 status
    says 'error: ' 'hint: ' "$@"
}

case_an_unknown_engine_in_a_url_is_told_with_the_nearest() {
    wrong_url postgresq://u:hidden@localhost/x '"postgresq"' 'Did you mean "postgresql"?'
    says_not hidden
    wrong_url sqllite:x.db 'Did you mean "sqlite"?'
    wrong_url mysq://localhost/x 'Did you mean "mysql"?'
    wrong_url oracle://u:hidden@localhost/x '"oracle"' postgresql mysql sqlite
    says_not hidden
    wrong_url '' ''
}

case_an_unknown_option_or_command_is_told_with_the_nearest() {
    users 3; remember
    run 64 apply --allow-lat
    says 'Did you mean "--allow-late"?'
    run 64 aply
    says 'Did you mean "apply"?'
    without_state; unchanged
}

case_an_unknown_key_of_sluice_toml_is_told_with_its_place() {
    printf '[env.dev]\nulr = "sqlite:x.db"\n' >sluice.toml
    run 64 status
    says 'sluice.toml:2:1' '"ulr"' 'Did you mean "url"?'
}

# The files are read before the database: one engine shows that.
cases="
case_an_unknown_key_is_named_with_its_place_and_the_nearest sqlite
case_an_unknown_key_at_the_top_is_named sqlite
case_an_unknown_kind_is_named_with_the_nearest sqlite
case_an_unknown_key_of_a_section_is_named sqlite
case_a_table_where_a_list_belongs_is_told sqlite
case_a_list_where_a_table_belongs_is_told sqlite
case_a_list_where_a_text_belongs_is_told sqlite
case_an_empty_file_is_told sqlite
case_a_file_of_comments_is_told sqlite
case_a_file_that_is_not_utf_8_is_told sqlite
case_broken_toml_is_told_with_its_place sqlite
case_two_files_with_one_version_are_both_named sqlite postgresql mysql
case_a_file_without_a_version_is_told sqlite
case_a_late_file_is_refused_and_can_be_allowed sqlite postgresql mysql
case_an_applied_file_that_was_edited_is_refused sqlite postgresql mysql
case_a_missing_table_is_told_with_the_nearest sqlite postgresql mysql
case_a_missing_column_is_told_with_the_nearest sqlite postgresql mysql
case_a_missing_column_of_a_backfill_is_told_with_the_nearest sqlite postgresql mysql
case_a_table_without_a_key_is_refused sqlite postgresql mysql
case_a_nullable_key_is_refused_with_the_alternative sqlite postgresql mysql
case_a_float_key_is_refused sqlite postgresql mysql
case_a_key_that_is_not_unique_is_refused sqlite postgresql mysql
case_expand_that_does_not_parse_is_found_before_anything_is_changed sqlite postgresql mysql
case_undo_that_does_not_parse_is_found_before_anything_is_changed sqlite postgresql mysql
case_contract_that_does_not_parse_is_found_before_anything_is_changed sqlite postgresql mysql
case_set_that_does_not_parse_is_found_before_anything_is_changed sqlite postgresql mysql
case_where_that_does_not_parse_is_found_before_anything_is_changed sqlite postgresql mysql
case_expect_that_does_not_parse_is_found_before_anything_is_changed sqlite postgresql mysql
case_up_that_does_not_parse_is_found_before_anything_is_changed sqlite postgresql mysql
case_down_that_does_not_parse_is_found_before_anything_is_changed sqlite postgresql mysql
case_up_with_an_unknown_column_is_found_before_anything_is_changed sqlite postgresql mysql
case_two_statements_in_one_text_are_found_before_anything_is_changed sqlite postgresql mysql
case_wrong_sql_of_a_later_file_is_told_by_plan_and_leaves_the_earlier_one_applied sqlite postgresql mysql
case_an_unknown_engine_in_a_url_is_told_with_the_nearest sqlite
case_an_unknown_option_or_command_is_told_with_the_nearest sqlite
case_an_unknown_key_of_sluice_toml_is_told_with_its_place sqlite
"
run_cases "$@"
