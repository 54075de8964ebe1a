#!/usr/bin/env bash
# The main job on PostgreSQL and Redis, with every role in a process of its own.
# Needs the addresses that `test-services.sh with -- …` sets.
set -euo pipefail
cd "$(dirname "$0")/../.."

binary=${1:?path of the chonoi binary}
postgres=${CHONOI_TEST_POSTGRES_URL:?run it through test-services.sh}
folder=$(mktemp -d)
database=distributed_$$
pids=()

finish() {
    code=$?
    trap - EXIT
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    wait || true
    if [ "$code" -ne 0 ]; then
        tail -n 20 "$folder"/*.log >&2 || true
    fi
    psql -q "$postgres" -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" >/dev/null 2>&1 || true
    rm -rf "$folder"
    exit "$code"
}
trap finish EXIT

psql -q "$postgres" -c "CREATE DATABASE $database" >/dev/null
free_ports() {
    python3 - <<'P'
import socket
sockets = [socket.socket() for _ in range(6)]
for s in sockets:
    s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in sockets])
P
}
read -r accounts catalog orders payments gateway web < <(free_ports)
export CHONOI_DATABASE_URL="${postgres%/*}/$database"
export CHONOI_DATABASE_DATA_DIR="$folder/data"
export CHONOI_EVENTS_REDIS_URL="$CHONOI_TEST_REDIS_URL"
export CHONOI_EVENTS_PREFIX="$database"
export CHONOI_LINKS_ACCOUNTS="http://127.0.0.1:$accounts"
export CHONOI_LINKS_CATALOG="http://127.0.0.1:$catalog"
export CHONOI_LINKS_ORDERS="http://127.0.0.1:$orders"
export CHONOI_LINKS_PAYMENTS="http://127.0.0.1:$payments"
export CHONOI_LINKS_GATEWAY="http://127.0.0.1:$gateway"
export CHONOI_LINKS_WEB="http://127.0.0.1:$web"
export CHONOI_SERVER_PUBLIC_URL="http://127.0.0.1:$gateway"

"$binary" migrate
export CHONOI_OPERATOR_EMAIL=operator@chonoi.example CHONOI_OPERATOR_PASSWORD=mot-mat-khau-that-dai
printf %s "$CHONOI_OPERATOR_PASSWORD" >"$folder/password"
"$binary" operator add --email "$CHONOI_OPERATOR_EMAIL" --password-file "$folder/password"

for role in accounts catalog orders payments gateway web; do
    "$binary" serve "$role" --listen "127.0.0.1:${!role}" >"$folder/$role.log" 2>&1 &
    pids+=($!)
done
for role in accounts catalog orders payments gateway web; do
    for _ in $(seq 150); do
        if curl -fs "http://127.0.0.1:${!role}/readyz" >/dev/null 2>&1; then
            continue 2
        fi
        sleep 0.2
    done
    echo "the role $role is not ready" >&2
    exit 1
done
"$binary" demo --url "http://127.0.0.1:$gateway"
# The pages are reached through the gateway, too.
curl -fs "http://127.0.0.1:$gateway/" | grep -q '<main'
"$binary" doctor
