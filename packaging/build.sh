#!/usr/bin/env bash
# `make package`: dist/cunzhan/, a folder that needs no Python, and dist/cunzhan-VERSION-linux-x86_64.tar.xz.
# It runs where the C library is at least as new as here.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
name="cunzhan-$version-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)"
work=build/package

# An environment of its own: whatever else is installed would stray into the bundle.
if ! cmp -s requirements/package.lock "$work/venv/package.lock"; then
  rm -rf "$work/venv"
  .venv/bin/python -m venv "$work/venv"
  "$work/venv/bin/python" -m pip --disable-pip-version-check -qq install --require-hashes -r requirements/package.lock
  cp requirements/package.lock "$work/venv/"
fi

rm -rf dist/cunzhan
"$work/venv/bin/python" -m PyInstaller --noconfirm --log-level WARN --workpath "$work/pyinstaller" --distpath dist packaging/cunzhan.spec

mkdir -p dist/cunzhan/licences
cp LICENSE dist/cunzhan/licences/cunzhan.txt
cp resources/icons/LICENSE dist/cunzhan/licences/tabler-icons.txt
cp resources/fonts/OFL.txt dist/cunzhan/licences/noto-sans-cjk.txt
cp packaging/licences/* dist/cunzhan/licences/
for info in "$work"/venv/lib/python*/site-packages/*.dist-info; do
  [ ! -d "$info/licenses" ] || cp -r "$info/licenses" "dist/cunzhan/licences/$(basename "$info" .dist-info)"
done
cp README.md README.zh-CN.md CHANGELOG.md dist/cunzhan/
mkdir -p dist/cunzhan/docs dist/cunzhan/resources/manual
cp docs/*.md docs/screenshot.png dist/cunzhan/docs/  # whoever has only this folder installs by them
cp resources/manual/*.md dist/cunzhan/resources/manual/

# Does what was built start, open an encrypted store and show its pages?
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
dist/cunzhan/cunzhan --help >/dev/null
dist/cunzhan/cunzhan-server --help >/dev/null
QT_QPA_PLATFORM=offscreen dist/cunzhan/cunzhan --home "$home" self-test

tar -C dist -c --owner=0 --group=0 --transform "s,^cunzhan,$name," cunzhan | xz -T0 -6 > "dist/$name.tar.xz"
du -sh dist/cunzhan "dist/$name.tar.xz"
