#!/usr/bin/env bash
# A procedure in PL/pgSQL that commits after each batch, called once.
set -euo pipefail
[[ $BENCH_URL == postgres* ]] || { echo "PL/pgSQL is PostgreSQL's"; exit 77; }
command -v psql >/dev/null || { echo "psql is not installed (postgresql-client)"; exit 77; }
[ "${1:-}" != --check ] || exit 0
psql -X -q -v ON_ERROR_STOP=1 "$BENCH_URL" <<END
CREATE OR REPLACE PROCEDURE peer_loop(batch bigint) LANGUAGE plpgsql AS \$\$
DECLARE
    low bigint := 0;
    high bigint;
BEGIN
    LOOP
        SELECT max(id) INTO high FROM (SELECT id FROM users WHERE id > low ORDER BY id LIMIT batch) s;
        EXIT WHEN high IS NULL;
        UPDATE users SET username = lower(user_name) WHERE id > low AND id <= high AND username IS NULL;
        low := high;
        COMMIT;
    END LOOP;
END \$\$;
CALL peer_loop($BENCH_BATCH);
END
