"""`make package`, on Windows `py packaging\\build.py`: dist/cunzhan/, a folder that needs no Python, and its archive beside it.

It needs the Python it is run with and nothing installed. What it makes runs where the C library is at least as new as here; on Windows
from 10 (1809) on, 64 bits.
"""

import filecmp
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "package"
MADE = ROOT / "dist" / "cunzhan"
LOCK = ROOT / "requirements" / "package.lock"
SIGNED_AS = "cunzhan"
"""What a signature is for, so that one under something else does not pass."""
WINDOWS = sys.platform == "win32"
READ = ("README*.md", "CHANGELOG.md", "docs/*.md", "docs/screenshot.png", "resources/manual/*.md")
LICENCES = {
    "LICENSE": "cunzhan.txt",
    "resources/icons/LICENSE": "tabler-icons.txt",
    "resources/fonts/OFL.txt": "noto-sans-cjk.txt",
}


def environment() -> Path:
    """The Python of an environment of its own: whatever else is installed would stray into the bundle."""
    python = WORK / "venv" / ("Scripts/python.exe" if WINDOWS else "bin/python")
    kept = WORK / "venv" / LOCK.name
    if not (kept.exists() and filecmp.cmp(LOCK, kept, shallow=False)):
        venv.create(WORK / "venv", clear=True, with_pip=True)
        run(python, "-m", "pip", "--disable-pip-version-check", "-qq", "install", "--require-hashes", "-r", LOCK)
        shutil.copy(LOCK, kept)
    return python


def bundle(python: Path) -> None:
    shutil.rmtree(MADE, ignore_errors=True)
    where = ("--workpath", WORK / "pyinstaller", "--distpath", MADE.parent)
    run(python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", *where, ROOT / "packaging" / "cunzhan.spec")


def add_papers(libraries: Path) -> None:
    """Licences, ours and those of the libraries in the environment, and what to read."""
    papers = MADE / "licences"
    shutil.copytree(ROOT / "packaging" / "licences", papers)
    for source, name in LICENCES.items():
        shutil.copy(ROOT / source, papers / name)
    for texts in libraries.glob("*.dist-info/licenses"):
        shutil.copytree(texts, papers / texts.parent.stem)
    for pattern in READ:  # whoever has only this folder installs by them
        for text in ROOT.glob(pattern):
            copy = MADE / text.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(text, copy)


def try_it() -> None:
    """Does what was built start, open an encrypted store and show its pages?"""
    for name in ("cunzhan", "cunzhan-server"):
        run(MADE / name, "--help", stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as home:
        run(MADE / "cunzhan", "--home", home, "self-test")


def archive() -> Path:
    """A zip on Windows, whose file manager opens nothing else; elsewhere a tar, which keeps who may run what."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    name = f"cunzhan-{version}-{platform.system().lower()}-{machine}"
    if WINDOWS:
        file = MADE.parent / f"{name}.zip"
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for one in sorted(MADE.rglob("*")):
                packed.write(one, Path(name) / one.relative_to(MADE))
        return file
    file = MADE.parent / f"{name}.tar.xz"
    with tarfile.open(file, "w:xz") as packed:
        packed.add(MADE, name, filter=nobodys)
    return file


def vouch(file: Path) -> list[Path]:
    """Writes the SHA-256 of an archive beside it, and with the SSH key that CUNZHAN_SIGNING_KEY names a signature of that: whoever installs
    compares the one (an archive that was damaged), or checks the other (one that somebody else made). See docs/county.md."""
    sums = file.with_name(f"{file.name}.sha256")
    sums.write_text(f"{sha256(file.read_bytes()).hexdigest()}  {file.name}\n", encoding="utf-8", newline="\n")
    key = os.environ.get("CUNZHAN_SIGNING_KEY")
    if not key:
        return [sums]
    signature = sums.with_name(f"{sums.name}.sig")
    signature.unlink(missing_ok=True)  # else the signer would ask
    run("ssh-keygen", "-q", "-Y", "sign", "-n", SIGNED_AS, "-f", key, sums)
    return [sums, signature]


def nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def run(*command: object, stdout: int | None = None) -> None:
    subprocess.run([str(part) for part in command], cwd=ROOT, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, stdout=stdout, check=True)


def main() -> None:
    python = environment()
    bundle(python)
    add_papers(next((WORK / "venv").glob("Lib/site-packages" if WINDOWS else "lib/python*/site-packages")))
    try_it()
    file = archive()
    print(f"{file}  {file.stat().st_size / 2**20:.0f} MB", *vouch(file), sep="\n")


if __name__ == "__main__":
    main()
