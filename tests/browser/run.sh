#!/usr/bin/env bash
# The browser journey: a seeded market, headless Chromium, a purchase that turns to "paid" by itself.
set -euo pipefail
cd "$(dirname "$0")/../.."

binary=${1:?path of the chonoi binary}
folder=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd tests/browser && npm ci --silent --no-audit --no-fund)
"$binary" serve --seed --listen "127.0.0.1:$port" --data-dir "$folder/data" >"$folder/market.log" 2>&1 &
market=$!
finish() {
    code=$?
    trap - EXIT
    kill "$market" 2>/dev/null || true
    wait "$market" 2>/dev/null || true
    if [ "$code" -ne 0 ]; then
        tail -n 30 "$folder/market.log" >&2
    fi
    rm -rf "$folder"
    exit "$code"
}
trap finish EXIT
for _ in $(seq 600); do
    if grep -q 'Stop with Ctrl-C' "$folder/market.log"; then
        break
    fi
    kill -0 "$market"
    sleep 0.2
done
mkdir -p .run/screenshots
BASE_URL="http://127.0.0.1:$port" SCREENSHOTS="$PWD/.run/screenshots" node tests/browser/journey.mjs
