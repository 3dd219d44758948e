#!/usr/bin/env bash
# The kinds that change more than a column, as a developer writes them and a pipeline runs them, with two versions of the
# application at work, single rows and in bulk: kinds.sh sqlite|postgresql|mysql
# shellcheck source=tests/cli/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
open_database "$1"

if [ "$engine" = sqlite ]; then big=integer; else big=bigint; fi
rows() { sql "SELECT $1" | sed 's/NULL//g'; } # what is NULL is nothing, as two of the clients print it

upsert() { # upsert TABLE COLUMNS VALUES COLUMN: many rows at once, which may be there
    case $engine in
    mysql) sql "INSERT INTO $1 ($2) VALUES $3 ON DUPLICATE KEY UPDATE $4 = VALUES($4)" ;;
    *) sql "INSERT INTO $1 ($2) VALUES $3 ON CONFLICT (id) DO UPDATE SET $4 = excluded.$4" ;;
    esac
}

load() { # load TABLE COLUMNS: the engine's own way of bulk, from standard input, "|" between the columns
    case $engine in
    sqlite) cat >load.txt; sqlite3 -bail data.db ".import load.txt $1" ;; # it takes all columns of the table
    postgresql) on_postgresql "$database" -c "COPY $1 ($2) FROM STDIN (DELIMITER '|', NULL '')" ;;
    mysql)
        cat >load.txt
        on_mysql mariadb --local-infile=1 "$database" -e "LOAD DATA LOCAL INFILE 'load.txt' INTO TABLE $1 FIELDS TERMINATED BY '|' ($2)" ;;
    esac
}

written() { # written NAME KEY=VALUE…: the developer's part, up to a plan that can be read
    local name=$1; shift
    check "new $1 writes a file" run 0 new "$@" --name "$name"
    check "of that name" says "_$name.toml"
    check "plan takes it" run 0 plan "$name"
    check "plan --json takes it" json_from 0 plan "$name"
}

there_and_back() { # there_and_back NAME: before anybody has written, expand leaves no trace
    remember
    check "$1: expand" run 0 expand "$1"
    check "$1: what is next is said" says "next: " "sluice migrate"
    check "$1: rollback" run 0 rollback "$1"
    check "$1: the database is what it was" unchanged
    check "$1: expand again" run 0 expand "$1"
}

up_to_contract() { # up_to_contract NAME
    check "$1: migrate" run 0 migrate "$1"
    check "$1: what is next is said" says "migrated and verified; next: sluice contract"
    check "$1: verify" run 0 verify "$1"
    check "$1: every row is as it should be" says "all as they should be"
    check "$1: contract" run 0 contract "$1"
    check "$1: the way back is told" says "sluice rollback takes it back"
}

back_and_for_good() { # back_and_for_good NAME QUERY ROWS: what the old application reads after the way back
    check "$1: rollback of contract" run 0 rollback "$1"
    check "$1: the old shape has what was written since" equal "$(rows "$2")" "$3"
    check "$1: contract wants to see the rows again" run 3 contract "$1"
    check "$1: and says how" says "next: \`sluice verify"
    check "$1: verify" run 0 verify "$1"
    check "$1: contract once more" run 0 contract "$1"
    check "$1: purge" run 0 purge "$1"
    check "$1: show has the whole life" run 0 show "$1"
    check "$1: it is over" says ": purged"
    check "$1: nothing failed on the way" says_not "failed" "undone"
    check "$1: show --json" json_from 0 show "$1"
    check "$1: there is no way back" run 3 rollback "$1"
}

# --- split_table
sql "CREATE TABLE users (id $big PRIMARY KEY, name varchar(40), theme varchar(20), size int NOT NULL DEFAULT 7)"
sql "INSERT INTO users VALUES (1, 'one', 'dark', 10), (2, 'two', NULL, 7), (3, 'three', 'light', 7)"
written users_settings split_table table=users into=settings columns=theme,size
there_and_back users_settings
upsert users id,name,theme "(1, 'one', 'old1'), (2, 'two', 'old2'), (10, 'ten', 'old10')" theme
upsert settings id,size "(1, 31), (2, 32), (3, 33)" size
load users id,name,theme,size <<<"20|twenty|loaded|5
21|twenty-one|loaded|7"
up_to_contract users_settings
check "split_table: each has what both versions wrote" equal "$(rows "id, theme, size FROM settings ORDER BY id")" \
    "1|old1|31
2|old2|32
3|light|33
10|old10|7
20|loaded|5
21|loaded|7"
upsert settings id,theme "(1, 'new1'), (21, 'new21')" theme
back_and_for_good users_settings "id, theme, size FROM users ORDER BY id" "1|new1|31
2|old2|32
3|light|33
10|old10|7
20|loaded|5
21|new21|7"

# --- merge_tables: the way back
written settings_users merge_tables table=settings into=users columns=theme,size
there_and_back settings_users
upsert settings id,size "(1, 41), (2, 42)" size
upsert users id,name,theme "(2, 'two', 'in both'), (30, 'thirty', 'new30')" theme
sql "INSERT INTO users (id, name) VALUES (22, 'says nothing'), (23, 'neither')"
load settings id,theme,size <<<"22|loaded|8"
up_to_contract settings_users
check "merge_tables: the whole has what both versions wrote" equal "$(rows "id, theme, size FROM users WHERE id IN (1, 2, 22, 23, 30) ORDER BY id")" \
    "1|new1|41
2|in both|42
22|loaded|8
23||7
30|new30|7"
upsert users id,name,theme "(1, 'one', 'after'), (31, 'more', 'after')" theme
back_and_for_good settings_users "id, theme, size FROM settings WHERE id IN (1, 31) ORDER BY id" "1|after|41
31|after|7"

# --- move_column
sql "CREATE TABLE customers (id $big PRIMARY KEY, name varchar(40))"
sql "CREATE TABLE orders (id $big PRIMARY KEY, customer_id $big UNIQUE, city varchar(20))"
sql "INSERT INTO customers VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four')"
sql "INSERT INTO orders VALUES (10, 1, 'Ulm'), (20, 2, NULL), (30, 3, 'Bonn')"
written orders_town move_column table=orders column=city to=customers link=customer_id key=id as=town
there_and_back orders_town
upsert orders id,customer_id,city "(10, 1, 'Köln'), (20, 2, 'Wien')" city
upsert customers id,name,town "(3, 'three', 'Rom'), (5, 'five', 'Oslo')" town
load orders id,customer_id,city <<<"40|4|Bern"
sql "INSERT INTO orders (id, customer_id) VALUES (50, 5)"
up_to_contract orders_town
check "move_column: each customer has its town" equal "$(rows "id, town FROM customers ORDER BY id")" "1|Köln
2|Wien
3|Rom
4|Bern
5|Oslo"
upsert customers id,name,town "(1, 'one', 'Prag'), (2, 'two', 'Riga')" town
back_and_for_good orders_town "id, city FROM orders ORDER BY id" "10|Prag
20|Riga
30|Rom
40|Bern
50|Oslo"

# --- copy_table
sql "CREATE TABLE notes (id $big PRIMARY KEY, text varchar(100))"
sql "INSERT INTO notes VALUES (1, 'one'), (2, NULL), (3, 'three')"
written notes_remarks copy_table table=notes to=remarks column=words "type=varchar(200)" "value=coalesce(text, '')" old=text "down=nullif(words, '')"
there_and_back notes_remarks
upsert notes id,text "(1, 'old1'), (4, 'old4')" text
upsert remarks id,words "(5, 'new5'), (6, '')" words
load notes id,text <<<"7|loaded"
up_to_contract notes_remarks
check "copy_table: the successor has what both versions wrote" equal "$(rows "id, words FROM remarks ORDER BY id")" "1|old1
2|
3|three
4|old4
5|new5
6|
7|loaded"
sql "DELETE FROM remarks WHERE id IN (3, 6)"
upsert remarks id,words "(2, 'now something'), (8, 'new8')" words
back_and_for_good notes_remarks "id, text FROM notes ORDER BY id" "1|old1
2|now something
4|old4
5|new5
7|loaded
8|new8"

# --- change_enum
enumeration() { # what the engine needs for it
    if [ "$engine" = postgresql ]; then
        sql "CREATE TYPE state AS ENUM ('open', 'paid', 'gone')"
        sql "CREATE TABLE bills (id bigint PRIMARY KEY, s state NOT NULL DEFAULT 'open')"
    else
        sql "CREATE TABLE bills (id $big PRIMARY KEY, s $([ "$engine" = mysql ] && echo "enum('open', 'paid', 'gone')" || echo text) NOT NULL DEFAULT 'open')"
    fi
    sql "INSERT INTO bills VALUES (1, 'open'), (2, 'paid')"
}
enumeration
if [ "$engine" = sqlite ]; then
    check "new change_enum writes a file" run 0 new change_enum table=bills column=s values=new,paid,gone gone=open becomes=new --name refused
    check "change_enum is refused" run 3 plan refused
    check "with the reason" says "the server has no enumerated types"
    check "and what to do" says "hint: "
    rm migrations/*_refused.toml
else
    written bills_s change_enum table=bills column=s values=new,paid,gone,late gone=open becomes=new
    check "change_enum: what nobody can write yet is told" grep -q 'nobody can write "late"' <("$SLUICE_PROGRAM" plan bills_s)
    there_and_back bills_s
    upsert bills id,s "(2, 'open'), (3, 'paid'), (4, 'gone')" s
    load bills id,s <<<"5|paid
6|open"
    up_to_contract bills_s
    check "change_enum: rows are what the map says" equal "$(rows "id, s FROM bills ORDER BY id")" "1|new
2|new
3|paid
4|gone
5|paid
6|new"
    upsert bills id,s "(1, 'paid'), (7, 'new')" s
    back_and_for_good bills_s "id, s FROM bills ORDER BY id" "1|paid
2|open
3|paid
4|gone
5|paid
6|open
7|open"
    sql "INSERT INTO bills VALUES (8, 'late')"
fi

# --- change_column identity
if [ "$engine" = postgresql ]; then
    sql "CREATE TABLE counted (id bigserial PRIMARY KEY, n int)"
    sql "INSERT INTO counted (n) VALUES (1), (2)"
    written counted_id change_column table=counted column=id identity=true
    there_and_back counted_id
    sql "INSERT INTO counted (n) VALUES (3)"
    load counted n <<<"4"
    check "counted_id: migrate" run 0 migrate counted_id
    check "counted_id: verify has nothing to look at" run 0 verify counted_id
    check "counted_id: contract" run 0 contract counted_id
    check "identity: numbers go on" equal "$(sql "SELECT max(id) FROM counted")" 4
    check "counted_id: rollback" run 0 rollback counted_id
    check "counted_id: contract once more" run 0 contract counted_id
    check "counted_id: purge" run 0 purge counted_id
    check "counted_id: show" run 0 show counted_id
    check "identity: the column numbers itself" equal "$(sql "SELECT attidentity FROM pg_attribute WHERE attrelid = 'counted'::regclass AND attname = 'id'")" d
else
    sql "CREATE TABLE counted (id $big PRIMARY KEY, n int)"
    check "new change_column identity writes a file" run 0 new change_column table=counted column=id identity=true --name refused
    check "identity is refused" run 3 plan refused
    check "with what to do" says "hint: "
    rm migrations/*_refused.toml
fi

check "everything is done" run 0 status
check "nothing is left of sluice in the tables" equal "$(dump | grep -v -i 'dump\|database' | grep -c 'sluice_')" 0

# --- a database that is dumped in mid-migration, and what is made of the dump
restored() { # the same again, sluice's own tables too: another database, that of every later command
    local old=$database
    case $engine in
    sqlite) sqlite3 data.db .dump | sqlite3 -bail copy.db && SLUICE_URL=sqlite:$PWD/copy.db ;;
    postgresql)
        on_postgresql postgres -c "CREATE DATABASE ${old}_copy" &&
            pg_dump "$(server_url postgresql | sed 's,/[^/]*$,,')/$old" >dumped.sql && on_postgresql "${old}_copy" -f dumped.sql >/dev/null &&
            SLUICE_URL=${SLUICE_URL%/*}/${old}_copy ;;
    mysql)
        on_mysql mariadb -e "CREATE DATABASE ${old}_copy CHARACTER SET utf8mb4" && on_mysql mariadb-dump --triggers --routines "$old" >dumped.sql &&
            on_mysql mariadb "${old}_copy" <dumped.sql && SLUICE_URL=$(server_url mysql)${old}_copy ;;
    esac || return
    [ "$engine" = sqlite ] || database=${old}_copy
}
taken_back() { local name; for name in dumped_copy dumped_split dumped_name; do run 0 rollback $name || return; done; }

check "new rename_column" run 0 new rename_column table=users from=name to=nick --name dumped_name
check "new split_table" run 0 new split_table table=users into=sizes columns=size --name dumped_split
check "new copy_table" run 0 new copy_table table=remarks to=comments column=said "type=varchar(200)" "value=words || '!'" old=words "down=replace(said, '!', '')" --name dumped_copy
[ "$engine" != mysql ] || sed -i "s/words || '!'/concat(words, '!')/" migrations/*_dumped_copy.toml
check "expand all of them" run 0 expand
upsert users id,nick "(1, 'uno'), (40, 'forty')" nick
upsert remarks id,words "(1, 'hello'), (40, 'forty')" words
check "dumped in mid-migration: it can be restored" restored
check "dumped in mid-migration: every row is there" equal "$(rows "id, name, nick FROM users WHERE id IN (1, 40) ORDER BY id")" "1|uno|uno
40|forty|forty"
check "dumped in mid-migration: sluice goes on there" run 0 apply
for name in dumped_name dumped_split dumped_copy; do
    check "dumped in mid-migration: contract $name there" run 0 contract $name
done
sql "INSERT INTO comments VALUES (50, 'fifty!')"
check "dumped in mid-migration: take all of it back there" taken_back
check "dumped in mid-migration: and a step further" taken_back
sql "DELETE FROM remarks WHERE id = 50"
dump | sed "s/_copy//" | tr -d '"' | sort >restored.sql # rows stand in the order of their last change, and names may have quotes
[ "$engine" = sqlite ] || database=${database%_copy}
SLUICE_URL=${SLUICE_URL%_copy}; SLUICE_URL=${SLUICE_URL/%copy.db/data.db}
check "where it was dumped: take all of it back" taken_back
check "both are equal" diff restored.sql <(dump | tr -d '"' | sort)
finish
