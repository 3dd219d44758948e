#!/usr/bin/env bash
# The loop of pt-archiver: it fetches the next rows of the primary key, looks at one after the other, and commits after each fetch.
# A plugin (perl/fill_username.pm) changes the row where pt-archiver asks whether it is to be archived, and keeps it.
set -euo pipefail
[[ $BENCH_URL == mysql* || $BENCH_URL == mariadb* ]] || { echo "pt-archiver is MySQL's"; exit 77; }
command -v pt-archiver >/dev/null || { echo "pt-archiver is not installed (percona-toolkit)"; exit 77; }
perl -MDBD::mysql -e 1 2>/dev/null || { echo "DBD::mysql is not installed (libdbd-mysql-perl)"; exit 77; }
[ "${1:-}" != --check ] || exit 0
rest=${BENCH_URL#*://} who=${BENCH_URL#*://}
who=${who%@*} rest=${rest##*@}
where=${rest%%/*} database=${rest#*/}
export PERL5LIB=$(dirname "$0")/perl${PERL5LIB:+:$PERL5LIB}
exec pt-archiver --no-version-check --no-check-charset --purge --commit-each --limit "$BENCH_BATCH" --where 'username IS NULL' \
    --source "h=${where%:*},P=${where#*:},u=${who%%:*},p=${who#*:},D=$database,t=users,m=fill_username"
