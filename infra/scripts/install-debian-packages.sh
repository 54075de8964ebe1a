#!/usr/bin/env bash
# Installs those of the Debian packages named that this machine lacks:
#   install-debian-packages.sh PACKAGE…
# When all are there, the network is not asked. When one cannot be installed, it says so and fails:
# nothing that needs it is skipped.
set -euo pipefail

# A program may also have come another way than by its package (Node.js often does).
is_there() {
    case "$1" in
        nodejs) command -v node ;;
        npm | curl | chromium) command -v "$1" ;;
        python3-venv) python3 -c 'import ensurepip, venv' 2>&1 ;;
        postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' ;;
        *) dpkg-query --show --showformat='${Status}' "$1" 2>/dev/null | grep -q 'ok installed' ;;
    esac >/dev/null
}

missing=()
for package in "$@"; do
    is_there "$package" || missing+=("$package")
done
if [ "${#missing[@]}" -eq 0 ]; then
    exit 0
fi

if ! command -v apt-get >/dev/null; then
    echo "This machine lacks: ${missing[*]}" >&2
    echo "They are Debian's names; without apt-get, install what they contain by hand." >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "This machine lacks: ${missing[*]}" >&2
        echo "Install them as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

echo "Installing Debian packages: ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${as_root[@]}" apt-get update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    echo "Installing ${missing[*]} failed." >&2
    exit 1
fi
