#!/usr/bin/env bash
# The system libraries that Qt loads, a Chinese font, a PostgreSQL for the tests to start, Python's venv. Installs what is missing where it may, otherwise names the one command.
set -euo pipefail

[ "$(uname -s)" = Linux ] || exit 0
command -v dpkg-query >/dev/null || { echo "setup: not a Debian-like system; Qt needs libGL, libEGL, libxkbcommon, libdbus, libxcb-*"; exit 0; }

libraries="libgl1 libegl1 libxkbcommon0 libfontconfig1 libdbus-1-3 libglib2.0-0
  libx11-xcb1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
  libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0"

installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

missing=()
for package in $libraries; do
  # Debian 13 and Ubuntu 24.04 renamed some packages for 64-bit time
  installed "$package" || installed "${package}t64" || missing+=("$package")
done
# The program brings its own font; one of the system's serves the programs beside it (a PDF viewer, a browser) and costs little.
installed fonts-noto-cjk || installed fonts-wqy-microhei || installed fonts-wqy-zenhei || missing+=(fonts-wqy-microhei)
# The county's tests start a PostgreSQL of their own from these programs and skip where there are none.
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
# Debian's own Python makes no environments with pip in them otherwise; `make package` wants one of its own.
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)

# A virtual screen is not needed to run or test the program; drop in `xvfb` by hand to watch it on a machine without one.
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo)
  else
    echo "setup: please type this once, as one who may; what can be done without goes on:"
    echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
    exit 0
  fi
fi

install() {
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${missing[@]}" >/dev/null
}
echo "setup: installing ${missing[*]}"
install 2>/dev/null || { "${as_root[@]}" apt-get -qq update && install; } ||
  echo "setup: could not install ${missing[*]}; the tests run without, a window may not open"
