#!/usr/bin/env bash
# Install Debian packages where that is possible (apt and root), else name the command that does it.
# tools/system-packages.sh [--required] [PROGRAM:]PACKAGE ...
# PROGRAM is what the package brings, if it is called otherwise. --required: fail if one stays missing (always so in CI).
set -euo pipefail

required=${CI:-}
if [ "${1:-}" = --required ]; then
  required=yes
  shift
fi

installed() { dpkg-query -W -f '${Status}' "${1#*:}" 2>/dev/null | grep -q '^install ok installed$' || command -v "${1%:*}" >/dev/null; }

missing=()
for package in "$@"; do installed "$package" || missing+=("${package#*:}"); done
[ ${#missing[@]} -eq 0 ] && exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "Installing ${missing[*]} with apt-get" >&2
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  if apt-get update -qq >"$log" 2>&1 && apt-get install -y -qq "${missing[@]}" >>"$log" 2>&1; then
    rm -f "$log"
    exit 0
  fi
  tail -5 "$log" >&2
  rm -f "$log"
fi

echo "Missing: ${missing[*]}. To install: sudo apt-get install ${missing[*]}" >&2
[ -z "$required" ]
