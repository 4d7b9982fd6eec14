"""What the build writes beside a package lets whoever installs it check it with what every Debian has."""

from __future__ import annotations

import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.paths import ROOT

VOUCH = runpy.run_path(str(ROOT / "packaging" / "build.py"))["vouch"]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    file = tmp_path / "cunzhan-0.1.0-linux-x86_64.tar.xz"
    file.write_bytes(b"a package")
    return file


def checked(*command: str, folder: Path, stdin: bytes = b"") -> bool:
    return subprocess.run(command, cwd=folder, input=stdin, capture_output=True, check=False).returncode == 0


def test_a_package_has_its_sum_beside_it(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUNZHAN_SIGNING_KEY", raising=False)
    (sums,) = VOUCH(package)
    if shutil.which("sha256sum"):
        assert checked("sha256sum", "-c", sums.name, folder=package.parent)
        package.write_bytes(b"another package")
        assert not checked("sha256sum", "-c", sums.name, folder=package.parent)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no OpenSSH here")
def test_a_signature_is_of_the_one_key_and_the_one_file(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = package.parent
    for name in ("ours", "theirs"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    monkeypatch.setenv("CUNZHAN_SIGNING_KEY", str(folder / "ours"))
    sums, signature = VOUCH(package)
    VOUCH(package)  # built once more

    def verified(by: str, said: bytes) -> bool:
        (folder / "signers").write_text("cunzhan " + (folder / f"{by}.pub").read_text())
        command = ("ssh-keygen", "-Y", "verify", "-f", "signers", "-I", "cunzhan", "-n", "cunzhan", "-s", signature.name)
        return checked(*command, folder=folder, stdin=said)

    assert verified("ours", sums.read_bytes())
    assert not verified("theirs", sums.read_bytes())
    assert not verified("ours", sums.read_bytes() + b" ")
