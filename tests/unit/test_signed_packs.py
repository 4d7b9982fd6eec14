"""Signed packs: who signed is known, and what was changed afterwards is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from nacl.signing import SigningKey

from domain.errors import CunzhanError
from domain.policy.pack import PackUnusable
from services import policies
from tests.packs import head, successor
from tests.unit.test_policy_packs import CAP, GOOD, PACKS


def test_a_signed_pack_is_read_with_its_signer_and_a_changed_one_is_refused() -> None:
    key = SigningKey(b"k" * 32)
    signed = policies.sign(GOOD.encode(), key)
    assert policies.read_bytes(signed).signer == bytes(key.verify_key).hex()
    assert policies.sign(signed, key) == signed
    assert policies.read_bytes(GOOD.encode()).signer is None
    for bad in (signed.replace(b"12", b"24", 1), signed.replace(b"# signature ", b"# signature 0", 1)[:-2] + b"\n", b"# a\n" + signed):
        try:
            read = policies.read_bytes(bad)
        except PackUnusable:
            continue
        assert read.signer is None  # no longer a signature line at all


def test_every_flipped_byte_of_a_signed_pack_is_noticed() -> None:
    signed = policies.sign(GOOD.encode(), SigningKey(b"k" * 32))
    body = signed.index(b"# signature")
    for place in range(0, body, 7):
        changed = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
        with pytest.raises(CunzhanError):
            policies.read_bytes(changed)


def test_only_what_the_county_signed_counts_at_a_station(tmp_path: Path) -> None:
    county, stranger = SigningKey(b"c" * 32), SigningKey(b"s" * 32)
    text = (head(start="2024-01-01") + CAP).encode()
    pack = policies.publish(tmp_path, text, county)
    assert (pack.id, pack.signer) == ("O", bytes(county.verify_key).hex())
    trusted = bytes(county.verify_key)
    assert "O" in {p.id for p in policies.known_at(tmp_path, trusted)}
    assert "O" in {p.id for p in policies.in_use((), policies.known_at(tmp_path, trusted))}
    assert "O" not in {p.id for p in policies.known_at(tmp_path, bytes(stranger.verify_key))}
    (tmp_path / "policy" / "P.toml").write_bytes(text.replace(b'"O"', b'"P"'))
    (tmp_path / "policy" / "Q.toml").write_bytes(b"nonsense")
    assert {p.id for p in policies.known_at(tmp_path, trusted)} == {*PACKS, "O"}
    with pytest.raises(PackUnusable):
        policies.publish(tmp_path, text.replace(b'"O"', b'"P"'), county)  # speaks of the same parameter in the same place


def test_a_pack_changed_after_somebody_signed_it_is_not_signed_anew(tmp_path: Path) -> None:
    county, province = SigningKey.generate(), SigningKey.generate()
    signed = policies.sign((head(start="2024-01-01") + CAP).encode(), province)
    assert policies.publish(tmp_path / "a", signed, county).signer == bytes(county.verify_key).hex()
    with pytest.raises(PackUnusable, match="签名以后又被改动过"):
        policies.publish(tmp_path / "b", signed.replace(b"2024-01-01", b"2024-02-01", 1), county)


def test_what_it_means_that_a_pack_or_its_base_has_expired_is_said() -> None:
    def said(text: str, day: str, *known: str) -> str:
        packs = [policies.read_bytes(one.encode()) for one in known]
        return policies.expired(policies.read_bytes(text.encode()), [*policies.shipped(), *packs], day)

    own = head(start="2024-01-01", end="2025-12-31") + CAP
    assert said(own, "2025-12-31") == ""
    late = said(own, "2026-01-01")
    assert "HLJ-2021-16 执行到 2025-12-31" in late and "补充规定只改这天以前" in late and "对新的包写" in late
    short = head(start="2024-01-01", end="2024-12-31") + CAP
    assert "照上级文件判" in said(short, "2025-06-01") and "HLJ-2021-16" not in said(short, "2025-06-01")
    assert "HLJ-2021-16 执行到 2025-12-31" in said(short, "2026-01-01")  # what is above it has expired as well
    whole = successor("N", "2026-01-01")
    new = whole + '[[rules]]\nid = "N1"\nkind = "travel"\narticle = "一"\nname = "交通补助"\ngroups = ["lifted"]\nmay_change = ["cap"]\n'
    assert "只判这天以前的事" in said(new, "2027-01-01")
    third = head("P", base="N", start="2026-01-01", end="2030-12-31") + '[[rules]]\nid = "N1"\nparams = {cap = "900"}\n'
    assert said(third, "2026-11-28", new) == "" and "N 执行到 2026-12-31" in said(third, "2027-01-01", new)
    assert said(own.replace("format = 1\n", "format = 1\nactive = false\n"), "2026-01-01") == ""  # switched off: nothing is promised
