#!/usr/bin/env bash
# The main job on PostgreSQL and Redis, with every role in a process of its own:
#   test-services.sh [--durable] with -- demo-distributed.sh BINARY
# Ends with the exit code of `chonoi demo`, or of `chonoi doctor` after it.
set -euo pipefail
cd "$(dirname "$0")/../.."

binary=${1:?path of the chonoi binary}
postgres=${CHONOI_TEST_POSTGRES_URL:?run it through test-services.sh}
redis=${CHONOI_TEST_REDIS_URL:?run it through test-services.sh}
roles=(accounts catalog orders payments gateway web)
folder=$(mktemp -d "${TMPDIR:-/tmp}/chonoi-distributed.XXXXXX")
database=distributed_$$
pids=()

finish() {
    local code=$?
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
trap 'exit 143' TERM HUP
trap 'exit 130' INT

psql -q "$postgres" -c "CREATE DATABASE $database" >/dev/null

# The configuration, in one place; every role reads all of it. A service keeps to its own schema.
read -r -a ports < <(infra/scripts/free-ports.sh "${#roles[@]}")
declare -A url
for at in "${!roles[@]}"; do
    url[${roles[$at]}]="http://127.0.0.1:${ports[$at]}"
done
export CHONOI_DATABASE_URL="${postgres%/*}/$database"
export CHONOI_DATABASE_DATA_DIR="$folder/data"
export CHONOI_EVENTS_REDIS_URL="$redis"
export CHONOI_EVENTS_PREFIX="$database"
export CHONOI_LINKS_ACCOUNTS="${url[accounts]}"
export CHONOI_LINKS_CATALOG="${url[catalog]}"
export CHONOI_LINKS_ORDERS="${url[orders]}"
export CHONOI_LINKS_PAYMENTS="${url[payments]}"
export CHONOI_LINKS_GATEWAY="${url[gateway]}"
export CHONOI_LINKS_WEB="${url[web]}"
export CHONOI_SERVER_PUBLIC_URL="${url[gateway]}"
export CHONOI_OPERATOR_EMAIL=operator@chonoi.example CHONOI_OPERATOR_PASSWORD=mot-mat-khau-that-dai

"$binary" migrate
printf %s "$CHONOI_OPERATOR_PASSWORD" >"$folder/password"
"$binary" operator add --email "$CHONOI_OPERATOR_EMAIL" --password-file "$folder/password"

for role in "${roles[@]}"; do
    "$binary" serve "$role" --listen "${url[$role]#http://}" >"$folder/$role.log" 2>&1 &
    pids+=($!)
done

wait_until_ready() {
    local role=$1 pid=$2
    for _ in $(seq 150); do
        if curl -fsS -o /dev/null "${url[$role]}/readyz" 2>/dev/null; then
            return 0
        fi
        if ! kill -0 "$pid" 2>/dev/null; then
            echo "the role $role ended while starting" >&2
            return 1
        fi
        sleep 0.2
    done
    echo "the role $role is not ready after 30 s" >&2
    return 1
}
for at in "${!roles[@]}"; do
    wait_until_ready "${roles[$at]}" "${pids[$at]}"
done

"$binary" demo --url "${url[gateway]}"
# The pages are reached through the gateway, too.
curl -fsS "${url[gateway]}/" | grep -q '<main'

# What is still on its way between the services arrives within moments; then all must hold.
for _ in $(seq 20); do
    if "$binary" doctor >/dev/null 2>&1; then
        break
    fi
    sleep 0.5
done
"$binary" doctor
