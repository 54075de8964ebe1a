#!/usr/bin/env bash
# The browser journey against a market of its own, seeded, in a folder that goes afterwards:
#   tests/browser/run.sh BINARY
# Then the market is stopped as an operator would, and everything it kept must hold.
set -euo pipefail
cd "$(dirname "$0")/../.."

binary=${1:?path of the chonoi binary}
folder=$(mktemp -d "${TMPDIR:-/tmp}/chonoi-browser.XXXXXX")
market=

finish() {
    local code=$?
    trap - EXIT
    if [ -n "$market" ]; then
        kill "$market" 2>/dev/null || true
        wait "$market" || true
    fi
    if [ "$code" -ne 0 ]; then
        tail -n 40 "$folder/log" >&2 2>/dev/null || true
        echo "The browser journey failed. What it saw: .run/screenshots/" >&2
    fi
    rm -rf "$folder"
    exit "$code"
}
trap finish EXIT
trap 'exit 143' TERM HUP
trap 'exit 130' INT

npm ci --prefix tests/browser --no-audit --no-fund --loglevel=error

# Port 0: a free one; the market says which in its welcome, after it has been seeded.
"$binary" serve --listen 127.0.0.1:0 --data-dir "$folder/data" --seed >"$folder/welcome" 2>"$folder/log" &
market=$!
url=
for _ in $(seq 1200); do
    url=$(sed -nE 's|^ *pages +(http://[^ /]+).*|\1|p' "$folder/welcome")
    if [ -n "$url" ] && curl -fsS -o /dev/null "$url/readyz" 2>/dev/null; then
        break
    fi
    if ! kill -0 "$market" 2>/dev/null; then
        echo "the market ended while starting" >&2
        exit 1
    fi
    sleep 0.25
done
if [ -z "$url" ]; then
    echo "the market is not ready after 5 minutes" >&2
    exit 1
fi

rm -rf .run/screenshots
BASE_URL="$url" node tests/browser/journey.mjs

kill "$market"
wait "$market"
market=
"$binary" doctor --data-dir "$folder/data"
