#!/usr/bin/env bash
# A throw-away PostgreSQL and Redis on free loopback ports, for tests and benchmarks.
#   test-services.sh [--durable] start | env | stop | with -- COMMAND…
# `with` starts them, runs the command with their addresses, and stops them whatever happens.
# --durable: commits reach the disk, as in production; for benchmarks.
set -euo pipefail
cd "$(dirname "$0")/../.."

durable=off
if [ "${1:-}" = "--durable" ]; then
    durable=on
    shift
fi
# Outside the checkout: PostgreSQL's own user must be able to enter the folder.
folder="${TMPDIR:-/tmp}/chonoi-test-services-$(pwd | cksum | cut -d' ' -f1)"
bin=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)")

# PostgreSQL refuses to run as root.
as_postgres() {
    if [ "$(id -u)" -eq 0 ]; then
        runuser -u postgres -- "$@"
    else
        "$@"
    fi
}

free_port() {
    python3 - <<'P' 2>/dev/null || perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(LocalAddr=>"127.0.0.1",Listen=>1)->sockport'
import socket
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    print(s.getsockname()[1])
P
}

start() {
    stop
    mkdir -p "$folder"
    if [ "$(id -u)" -eq 0 ]; then
        chown postgres "$folder"
    fi
    local postgres_port redis_port
    postgres_port=$(free_port)
    as_postgres "$bin/initdb" -D "$folder/postgres" -U chonoi --auth=trust -E UTF8 --locale=C.UTF-8 >"$folder/initdb.log"
    as_postgres "$bin/pg_ctl" -D "$folder/postgres" -w -l "$folder/postgres.log" \
        -o "-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder \
            -c fsync=$durable -c synchronous_commit=$durable -c full_page_writes=$durable \
            -c max_connections=500 -c shared_buffers=512MB -c max_locks_per_transaction=256" start >/dev/null
    redis_port=$(free_port)
    redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no \
        --daemonize yes --pidfile "$folder/redis.pid" --dir "$folder" >/dev/null
    cat >"$folder/env" <<ENV
export CHONOI_TEST_POSTGRES_URL=postgres://chonoi@127.0.0.1:$postgres_port/postgres
export CHONOI_TEST_REDIS_URL=redis://127.0.0.1:$redis_port
export CHONOI_BENCH_POSTGRES_URL=postgres://chonoi@127.0.0.1:$postgres_port/postgres
export CHONOI_BENCH_REDIS_URL=redis://127.0.0.1:$redis_port
export CHONOI_BENCH_PGBENCH=$bin/pgbench
ENV
}

stop() {
    if [ -d "$folder/postgres" ]; then
        as_postgres "$bin/pg_ctl" -D "$folder/postgres" -m immediate stop >/dev/null 2>&1 || true
    fi
    if [ -f "$folder/redis.pid" ]; then
        kill "$(cat "$folder/redis.pid")" 2>/dev/null || true
    fi
    rm -rf "$folder"
}

case "${1:-}" in
    start) start ;;
    env) cat "$folder/env" ;;
    stop) stop ;;
    with)
        shift 2
        trap stop EXIT
        start
        # shellcheck disable=SC1091
        . "$folder/env"
        "$@"
        ;;
    *)
        sed -n '2,5p' "$0"
        exit 2
        ;;
esac
