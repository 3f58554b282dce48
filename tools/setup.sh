#!/usr/bin/env bash
# Make .venv with what one of the Makefile's targets needs: tools/setup.sh EXTRA [EXTRA ...]
# Called by make only when pyproject.toml or constraints.txt is newer than the last set-up.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

suitable() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2])' 2>/dev/null; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if suitable "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  say "No Python 3.11 or later found (tried: ${PYTHON:-python3, python3.13, python3.12, python3.11})."
  say "Install one, or name it: make PYTHON=/path/to/python3.12 ..."
  exit 1
}

if [ ! -x .venv/bin/python ]; then
  python=$(find_python)
  if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    tools/system-packages.sh --required "$version"
  fi
  say "Making .venv with $("$python" --version)"
  "$python" -m venv .venv
fi

extras=$(IFS=,; echo "$*")
say "Installing gdexercises[$extras] into .venv; this takes some minutes the first time."
.venv/bin/python -m pip install --quiet --disable-pip-version-check -e ".[$extras]" -c constraints.txt
