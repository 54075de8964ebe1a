#!/usr/bin/env bash
# A throw-away PostgreSQL and Redis on free loopback ports, for tests and benchmarks.
#   test-services.sh [--durable] with -- COMMAND…   run COMMAND with their addresses; stop them after it
#   test-services.sh [--durable] start              start them until `stop`
#   test-services.sh env                            print the lines to eval for those
#   test-services.sh stop
# --durable: commits reach the disk, as in production; for benchmarks.
#
# They are our own servers with our own data folder, ports and random passwords. A PostgreSQL or Redis
# that Debian starts on this machine is neither used nor touched.
set -euo pipefail
cd "$(dirname "$0")/../.."

durable=off
if [ "${1:-}" = --durable ]; then
    durable=on
    shift
fi

# One name a checkout, outside of it: PostgreSQL's own user must be able to enter the folder.
base="${TMPDIR:-/tmp}/chonoi-services-$(pwd | cksum | cut -d ' ' -f 1)"
folder="$base"

find_programs() {
    local initdb
    initdb=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1 || true)
    if [ -z "$initdb" ] || ! command -v redis-server >/dev/null; then
        echo "PostgreSQL or Redis is missing: infra/scripts/install-debian-packages.sh postgresql redis-server" >&2
        exit 1
    fi
    bin=$(dirname "$initdb")
}

# PostgreSQL refuses to run as root, and Redis need not.
as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        runuser -u postgres -- "$@"
    else
        "$@"
    fi
}

start() {
    find_programs
    stop
    mkdir -m 700 "$folder"
    if [ "$(id -u)" -eq 0 ]; then
        chown postgres "$folder"
    fi
    local password postgres_port redis_port
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    read -r postgres_port redis_port < <(infra/scripts/free-ports.sh 2)
    if ! { start_postgres "$postgres_port" "$password" && start_redis "$redis_port" "$password"; }; then
        tail -n 20 "$folder"/*.log >&2 || true
        stop
        echo "the test services did not start" >&2
        exit 1
    fi
    local postgres_url="postgres://chonoi:$password@127.0.0.1:$postgres_port/postgres"
    local redis_url="redis://default:$password@127.0.0.1:$redis_port"
    cat >"$folder/env" <<ENV
export CHONOI_TEST_POSTGRES_URL=$postgres_url
export CHONOI_TEST_REDIS_URL=$redis_url
export CHONOI_BENCH_POSTGRES_URL=$postgres_url
export CHONOI_BENCH_REDIS_URL=$redis_url
export CHONOI_BENCH_PGBENCH=$bin/pgbench
ENV
}

start_postgres() {
    local port=$1 password=$2 sync=()
    [ "$durable" = on ] || sync=(--no-sync)
    printf '%s\n' "$password" >"$folder/password"
    if [ "$(id -u)" -eq 0 ]; then
        chown postgres "$folder/password"
    fi
    # MD5, not SCRAM: that takes 4,096 rounds for each connection, and tests open thousands with unoptimised code.
    # The password is random, of this run only, and never leaves the machine.
    as_owner "$bin/initdb" -D "$folder/postgres" -U chonoi --auth=md5 --pwfile="$folder/password" \
        -E UTF8 --locale=C.UTF-8 "${sync[@]}" >"$folder/initdb.log" 2>&1 || return 1
    as_owner "$bin/pg_ctl" -D "$folder/postgres" -w -t 60 -l "$folder/postgres.log" \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='$folder' \
            -c fsync=$durable -c synchronous_commit=$durable -c full_page_writes=$durable \
            -c max_connections=500 -c shared_buffers=512MB -c max_locks_per_transaction=256" \
        start >>"$folder/initdb.log" 2>&1
}

start_redis() {
    local port=$1 password=$2
    # The password goes by a file: what is on a command line, everybody on the machine can read.
    cat >"$folder/redis.conf" <<CONF
port $port
bind 127.0.0.1
requirepass $password
save ""
appendonly no
daemonize yes
dir $folder
pidfile $folder/redis.pid
logfile $folder/redis.log
CONF
    if [ "$(id -u)" -eq 0 ]; then
        chown postgres "$folder/redis.conf"
    fi
    as_owner redis-server "$folder/redis.conf" || return 1
    for _ in $(seq 100); do
        if [ "$(REDISCLI_AUTH="$password" redis-cli -p "$port" ping 2>/dev/null)" = PONG ]; then
            return 0
        fi
        sleep 0.1
    done
    return 1
}

stop() {
    local folder=${1:-$folder} pid
    if [ -f "$folder/postgres/postmaster.pid" ]; then
        find_programs
        as_owner "$bin/pg_ctl" -D "$folder/postgres" -m immediate -w stop >/dev/null 2>&1 || true
    fi
    if [ -f "$folder/redis.pid" ]; then
        pid=$(cat "$folder/redis.pid")
        # The number may belong to somebody else by now.
        if grep -qs redis-server "/proc/$pid/comm"; then
            kill "$pid" 2>/dev/null || true
        fi
    fi
    rm -rf "$folder"
}

# What a run left that was killed before it could clean up.
stop_orphans() {
    local left
    for left in "$base"-with-*; do
        if [ -d "$left" ] && ! kill -0 "${left##*-}" 2>/dev/null; then
            stop "$left"
        fi
    done
}

case "${1:-}" in
    start) start ;;
    env)
        if [ ! -f "$folder/env" ]; then
            echo "the test services do not run: make services" >&2
            exit 1
        fi
        cat "$folder/env"
        ;;
    stop) stop ;;
    with)
        if [ "${2:-}" != -- ] || [ $# -lt 3 ]; then
            echo "usage: test-services.sh [--durable] with -- COMMAND…" >&2
            exit 2
        fi
        shift 2
        stop_orphans
        folder="$base-with-$$"
        trap stop EXIT
        child=
        start
        # Told to stop: end the command and what it started first, then the servers under them. The
        # command is a process group of its own for that.
        trap 'kill -TERM -- "-$child" 2>/dev/null || true; wait "$child" || true; exit 143' TERM HUP
        trap 'kill -INT -- "-$child" 2>/dev/null || true; wait "$child" || true; exit 130' INT
        # shellcheck disable=SC1091
        . "$folder/env"
        set -m
        "$@" </dev/null &
        child=$!
        set +m
        wait "$child"
        ;;
    *)
        sed -n '2,7p' "$0" >&2
        exit 2
        ;;
esac
