"""An 审计包 that somebody changed on its way shows it."""

from __future__ import annotations

import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from domain.errors import InputUnusable
from services.dossier.proof import SIGNATURE, prove, signature
from services.reports.sealed import Signer

FILES = {"办理情况.xlsx": b"story", "材料 1-1 合同.pdf": b"%PDF"}
OURS = Signer(SigningKey.generate(), b"the county's word")


def listing(files: dict[str, bytes]) -> bytes:
    return "\n".join(["审计包", *(f"{sha256(data).hexdigest()}  {name}" for name, data in files.items())]).encode()


def written(folder: Path, files: dict[str, bytes], listed: bytes, signed: bytes | None) -> Path:
    file = folder / "审计包.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in {**files, "清单.txt": listed, **({SIGNATURE: signed} if signed else {})}.items():
            archive.writestr(name, data)
    return file


def sign(listed: bytes, signer: Signer = OURS) -> bytes:
    return signature(listed, "清单.txt", "230826101202-aa", "230826101202", signer).encode()


def test_as_it_was_written(tmp_path: Path) -> None:
    listed = listing(FILES)
    found = prove(written(tmp_path, FILES, listed, sign(listed)))
    assert (found.differing, found.signed, found.station) == ((), True, "230826101202-aa")
    assert (found.key, found.certificate) == (bytes(OURS.key.verify_key), OURS.certificate)
    assert prove(written(tmp_path, FILES, listed, None)).signed is None


def test_changed_removed_and_added(tmp_path: Path) -> None:
    listed = listing(FILES)
    other = {"办理情况.xlsx": b"another story", "后来加的.pdf": b"%PDF"}
    found = prove(written(tmp_path, other, listed, sign(listed)))
    assert (found.differing, found.signed) == (("办理情况.xlsx", "后来加的.pdf", "材料 1-1 合同.pdf"), True)
    assert prove(written(tmp_path, other, listing(other), sign(listed))).signed is False


@pytest.mark.parametrize("spoilt", [b"", b"{}", b"[]", b"\xff", sign(b"")[:-20], sign(b"").replace(b'"key": "', b'"key": "zz')])
def test_what_is_no_signature_is_no_dossier(tmp_path: Path, spoilt: bytes) -> None:
    with pytest.raises(InputUnusable):
        prove(written(tmp_path, FILES, listing(FILES), spoilt or b" "))


def test_what_is_no_dossier(tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(b"PK")
    with pytest.raises(InputUnusable):
        prove(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", b"a")
    with pytest.raises(InputUnusable):
        prove(file)
