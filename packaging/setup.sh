#!/usr/bin/env bash
# Makes .venv from the lock and puts `cunzhan` and `cunzhan-server` into .venv/bin. Safe to repeat.
set -euo pipefail
cd "$(dirname "$0")/.."

bash packaging/setup_system.sh

fits='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'
if ! .venv/bin/python -c "$fits" 2>/dev/null; then
  for python in ${PYTHON_FOR_VENV:-python3 python3.13 python3.12 python3.11}; do
    if "$python" -c "$fits" 2>/dev/null; then found=$python; break; fi
  done
  if [ -z "${found:-}" ]; then
    echo "setup: Python 3.11, 3.12 or 3.13 with venv is needed (on Debian: sudo apt-get install python3 python3-venv)" >&2
    exit 1
  fi
  rm -rf .venv
  "$found" -m venv .venv
fi

pip=(.venv/bin/python -m pip --disable-pip-version-check -qq)
"${pip[@]}" install --require-hashes -r requirements/dev.lock
"${pip[@]}" install --no-deps --no-build-isolation -e .
.venv/bin/python -c 'import PySide6.QtWidgets, sqlalchemy, sqlcipher3, nacl, starlette'
