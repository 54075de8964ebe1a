#!/usr/bin/env bash
# Installs from PyPI what judges our ISO 20022 files, into .run/venv-iso20022: the published schema of
# pain.001.001.09, which sepaxml carries, and xmlschema, which validates by it. Prints that folder for
# CHONOI_TEST_ISO20022:
#   CHONOI_TEST_ISO20022=$(infra/scripts/install-iso20022.sh) cargo test -p payments
# Needs Python 3.10 or newer with its venv module (Debian: python3-venv). When it is there already, the
# network is not asked. All of it is under MIT, and the schema is ISO 20022's own: it is the registration
# authority's to publish, so it is fetched and not kept here. None of it is part of the program.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=(sepaxml==2.7.0 xmlschema==4.3.2 elementpath==5.1.4)
# Of the schema that ISO's Standards Editor generated on 14 February 2019.
digest=de038b373e47b0077b1832ddd81f4b2f1eb25d35721f62da1e38b7f5a09fda24
folder="$PWD/.run/venv-iso20022"
schema="$folder/pain.001.001.09.xsd"

installed() {
    [ -x "$folder/bin/xmlschema-validate" ] &&
        echo "$digest  $schema" | sha256sum --check --status &&
        "$folder/bin/python" - "${packages[@]}" <<'PYTHON'
import importlib.metadata, sys
pinned = [package.split("==") for package in sys.argv[1:]]
sys.exit(any(importlib.metadata.version(name) != version for name, version in pinned))
PYTHON
}

if ! installed 2>/dev/null; then
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    # --clear: a venv that was left half made, or made by another Python, is made anew. --no-deps: of
    # sepaxml only the schema is wanted, and what xmlschema needs is named above.
    if ! { python3 -m venv --clear "$folder" &&
        "$folder/bin/pip" install --disable-pip-version-check --no-deps "${packages[@]}" &&
        cp "$folder"/lib/python3*/site-packages/sepaxml/schemas/pain.001.001.09.xsd "$schema" &&
        installed; } >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        echo "Installing ${packages[*]} failed." >&2
        exit 1
    fi
fi
echo "$folder"
