#!/usr/bin/env bash
# Makes .venv from the lock and puts `cunzhan` and `cunzhan-server` into .venv/bin. Safe to repeat.
set -euo pipefail
cd "$(dirname "$0")/.."

bash packaging/setup_system.sh

# Debian's python3 can make an environment but, without python3-venv, puts no pip into it: then the pip beside it installs.
fits='import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'
has() { "$1" -c "import $2" 2>/dev/null; }
if ! .venv/bin/python -c "$fits" 2>/dev/null; then
  for python in ${PYTHON_FOR_VENV:-python3 python3.13 python3.12 python3.11}; do
    if "$python" -c "$fits" 2>/dev/null && { has "$python" ensurepip || has "$python" pip; }; then found=$python; break; fi
  done
  if [ -z "${found:-}" ]; then
    echo "setup: Python 3.11, 3.12 or 3.13 with venv or pip is needed (on Debian: sudo apt-get install python3 python3-venv)" >&2
    exit 1
  fi
  rm -rf .venv
  if has "$found" ensurepip; then "$found" -m venv .venv; else "$found" -m venv --without-pip .venv; fi
fi

pip=(.venv/bin/python -m pip)
has .venv/bin/python pip || pip=("${found:-python3}" -m pip --python .venv/bin/python)
pip+=(--disable-pip-version-check -qq)
"${pip[@]}" install --require-hashes -r requirements/dev.lock
"${pip[@]}" install --no-deps --no-build-isolation -e .
if ! said=$(.venv/bin/python -c 'import PySide6.QtWidgets, sqlalchemy, sqlcipher3, nacl, starlette' 2>&1); then
  echo "setup: all is in .venv, but it does not load: ${said##*$'\n'}" >&2
  echo "setup: if a library of the system is missing, type the command above, then make again" >&2
  exit 1
fi
