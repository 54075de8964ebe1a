#!/usr/bin/env bash
# Installs localstripe, a stateful stand-in for Stripe that tests talk to, from PyPI into .run/venv,
# and prints the path of its program for CHONOI_TEST_LOCALSTRIPE:
#   CHONOI_TEST_LOCALSTRIPE=$(infra/scripts/install-localstripe.sh) cargo test -p payments
# Needs Python 3 with its venv module (Debian: python3-venv). When it is there already, the network
# is not asked. localstripe is GPL-3.0: it runs beside our tests and is never part of the program.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=1.15.10
folder="$PWD/.run/venv"
program="$folder/bin/localstripe"

installed() {
    [ -x "$program" ] && "$folder/bin/python" - "$version" <<'PYTHON'
import importlib.metadata, sys
sys.exit(importlib.metadata.version("localstripe") != sys.argv[1])
PYTHON
}

if ! installed 2>/dev/null; then
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    # --clear: a venv that was left half made, or made by another Python, is made anew.
    if ! { python3 -m venv --clear "$folder" &&
        "$folder/bin/pip" install --disable-pip-version-check "localstripe==$version" &&
        installed; } >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        echo "Installing localstripe $version failed." >&2
        exit 1
    fi
fi
echo "$program"
