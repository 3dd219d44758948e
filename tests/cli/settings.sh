#!/usr/bin/env bash
# Which database the program works on: sluice.toml, the variables of the shell, the options, and what goes before what.
# shellcheck source=tests/cli/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
open_database sqlite
unset SLUICE_URL
bumping 100 0ms
for name in one two given shell; do sqlite3 "$name.db" "CREATE TABLE item (id integer NOT NULL PRIMARY KEY, n integer NOT NULL)"; done

environments() { # environments URL-OF-TWO…: one.db is environment "one"
    printf '[env.one]\nurl = "sqlite:one.db"\n\n[env.two]\nurl = "%s"\n' "${1:-sqlite:two.db}" >sluice.toml
}
works_on() { # works_on FILE OPTION…: that database and no other gets the state tables
    local wanted=$1 file found=; shift
    run 0 apply --quiet "$@" || return 1
    for file in $(find . -name '*.db' | sort); do
        [ -z "$(sqlite3 "$file" "SELECT name FROM sqlite_schema WHERE name LIKE 'sluice%'")" ] || found+="${file#./} "
    done
    sluice rollback --quiet "$@" >/dev/null 2>&1
    for file in $found; do for table in $(sqlite3 "$file" "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'sluice%'"); do sqlite3 "$file" "DROP TABLE $table"; done; done
    equal "$found" "$wanted "
}

# --- where from
check "without anything" run 64 status
check "the ways are listed" says_in err "--url sqlite:PATH"
check "without a file, an environment cannot be meant" run 64 status --env one
check "the file that is missing is named" says_in err "no sluice.toml"
check "an option names the database" works_on given.db --url sqlite:given.db
DATABASE_URL=sqlite:shell.db check "the application's variable names it" works_on shell.db

printf '[env.one]\nurl = "sqlite:one.db"\n' >sluice.toml
check "the only environment is taken" works_on one.db
DATABASE_URL=sqlite:shell.db check "the application's variable goes before it" works_on shell.db
environments
check "of two none is taken" run 64 status
check "both are named" says_in err "one, two"
check "--env names one" works_on two.db --env two
SLUICE_ENV=two check "the shell names one" works_on two.db
SLUICE_ENV=two DATABASE_URL=sqlite:shell.db check "what the shell names goes before the application's variable" works_on two.db
SLUICE_ENV=two SLUICE_URL=sqlite:shell.db check "SLUICE_URL goes before SLUICE_ENV" works_on shell.db
SLUICE_URL=sqlite:shell.db check "--env goes before SLUICE_URL" works_on two.db --env two
SLUICE_URL=sqlite:shell.db check "--url goes before all" works_on given.db --env two --url sqlite:given.db
check "an environment that is not there" run 64 status --env three
check "those that are there are listed" says_in err "environments are one, two"

# --- relative to the file, not to where one stands
mkdir -p below
cd below || exit 2
check "--config names the file, which names its neighbours" run 1 status --config ../sluice.toml --env two
check "the migrations beside the file are meant" says_in out "bump"
check "no database was made here" equal "$(find . -name '*.db')" ""
cd ..

# --- secrets
environments env:SHOP_URL
check "a secret that is not set" run 64 status --env two
check "its variable is named" says_in err '"SHOP_URL"'
SHOP_URL=sqlite:shell.db check "a secret from a variable" works_on shell.db --env two
environments file:secret
check "a secret whose file is missing" run 64 status --env two
check "the file is named" says_in err '"secret"'
echo "sqlite:given.db" >secret
check "a secret from a file" works_on given.db --env two
for url in "postgresql://ada:Tr0ub4dor@127.0.0.1:1/shop" "mysql://ada:Tr0ub4dor@127.0.0.1:1/shop" "oracle://ada:Tr0ub4dor@h/shop" "postgresql://ada:Tr0ub4dor@h:port/shop"; do
    printf '%s' "$url" >secret
    sluice status --env two >out 2>err
    check "a server that cannot be reached, or is none" [ $? -ne 0 ]
    check "a secret of ${url%%:*} is not told" says_not_in err Tr0ub4dor
    sluice status --env two --json >out 2>err
    check "nor to a machine" says_not_in err Tr0ub4dor
    sluice status "$url" >out 2>err
    check "nor a word in the wrong place" says_not_in err Tr0ub4dor
done

# --- the file itself
refused() { # refused PLACE HINT, the text on standard input
    cat >sluice.toml
    check "it is refused: $1" run 64 status --url sqlite:given.db
    check "with its place" says_in err "sluice.toml:$1:"
    check "and a way on" says_in err "$2"
}
refused 1:1 'Did you mean "migrations"?' <<<'migration = "x"'
refused 2:1 'Did you mean "url"?' <<<$'[env.one]\nurk = "x"'
refused 4:1 'Did you mean "batch_rows"?' <<<$'[env.one]\nurl = "sqlite:one.db"\n[env.one.pace]\nbatch_row = 5'
refused 4:1 'Did you mean "replica_lag"?' <<<$'[env.one]\nurl = "sqlite:one.db"\n[env.one.throttle]\nreplica_lags = "5s"'
refused 2:7 '"url"' <<<$'[env.one]\nurl = 5'
refused 2:1 '' <<<$'[env.one.pace]\nsleep = "soon"'
refused 1 '' <<<'env = ['
: >sluice.toml
check "a file that says nothing is no mistake" run 1 status --url sqlite:given.db
check "one that is named must be there" run 64 status --config nowhere.toml
check "it is named" says_in err '"nowhere.toml"'
check "a folder is none" run 64 status --config migrations
finish
