"""Packs travel from the county to its stations, and count there only with the county's signature."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from nacl.signing import SigningKey

from cli.county import PROGRAM
from db.store import Store
from domain.records import PolicyPack
from services import forms, policies, screening
from services.alerts import alerts
from services.claims import claims, steps
from services.dossier.dossier import clause
from services.forms import issued_templates, templates
from sync.county.keys import county_keys
from tests.packs import head
from tests.sync.conftest import OTHER_VILLAGE, VILLAGE, World, add, assert_equal, both
from tests.sync.test_arbitration import migrant


def overlay(tmp_path: Path, version: str = "1.0.0", cap: str = "900", rule: str = "R03") -> Path:
    file = tmp_path / "overlay.toml"
    rules = f'[[rules]]\nid = "{rule}"\nparams = {{cap = "{cap}"}}\n'
    file.write_text(head(version=version, start="2023-01-01") + rules, "utf-8")
    return file


def publish(world: World, file: Path) -> int:
    return PROGRAM.main(["--home", str(world.folder / "home"), "--database", world.county.url, "pack", "publish", str(file)])


def amount(store: Store) -> str:
    with store.read() as session:
        found = screening.screen(session, year=2023, rule="R03", on="2023-12-20")
    verdict = found[0].verdict
    return f"{verdict.amount // 100} {verdict.version}"


def known(store: Any) -> dict[str, str]:
    with store.read() as session:
        return {pack.id: pack.version for pack in policies.here(session)}


@both
def test_a_published_pack_is_used_at_every_station_from_its_next_exchange(world: World, tmp_path: Path) -> None:
    stores = [world.station("甲"), world.station("乙", OTHER_VILLAGE)]
    for store, number in zip(stores, ("230826198005050118", "230826198005050134"), strict=True):
        migrant(store, number=number)
    world.settle()
    assert [amount(store) for store in stores] == ["500 1.0.0"] * 2
    assert publish(world, overlay(tmp_path)) == 0
    assert "O" not in known(stores[0])
    world.settle()
    assert [amount(store) for store in stores] == ["900 1.0.0+O@1.0.0"] * 2
    assert publish(world, overlay(tmp_path, "1.1", "800")) == 0
    world.settle()
    assert [amount(store) for store in stores] == ["800 1.0.0+O@1.1"] * 2
    assert_equal(world)


def test_a_pack_published_again_is_written_once(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    for _n in range(2):
        assert publish(world, overlay(tmp_path)) == 0
    world.settle()
    with a.read() as session:
        assert [pack.pack for pack in session.select(PolicyPack)] == ["O"]
    assert_equal(world)


def test_a_claim_filed_before_a_pack_came_says_by_which_it_goes_on(world: World, tmp_path: Path) -> None:
    """Its sum is put right by the pack that came meanwhile, and its papers name that one."""
    a = world.station("甲")
    person = migrant(a, number="230826198005050118", start="2025-03-01", end="2025-11-30")
    with a.write("申请") as session:
        id = claims.judge_and_file(session, "R03", 2025, person_id=person)
    assert publish(world, overlay(tmp_path)) == 0
    world.settle()
    with a.write("初审") as session:
        claim = steps.step(session, id, "village_reviewed").claim
    assert (claim.amount, claim.pack, claim.pack_version) == (90_000, "HLJ-2021-16", "1.0.0+O@1.0.0")


def test_the_words_of_the_rule_for_an_auditor_are_those_of_the_version_a_claim_names(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    person = migrant(a, number="230826198005050118", start="2025-03-01", end="2025-11-30")
    assert publish(world, overlay(tmp_path)) == 0
    world.settle()
    with a.write("申请") as session:
        id = claims.judge_and_file(session, "R03", 2025, person_id=person)
        told = clause(session, session.existing("claim", id, ""))
    assert told.startswith("《黑人社发〔2021〕16号") and "HLJ-2021-16 的 1.0.0 版" in told and "3个月以上" in told
    assert "补充规定 O 的 1.0.0 版：《试》" in told and "：900" in told and "注意" not in told
    assert publish(world, overlay(tmp_path, "1.1", "800")) == 0
    world.settle()
    with a.write("看") as session:
        claim = session.existing("claim", id, "")
        later = clause(session, claim)
        claim.pack_version = "0.9+X@3"
        strange = clause(session, claim)
    assert later.startswith(told.rstrip()) and "现在执行的是 HLJ-2021-16 的 1.0.0+O@1.1 版" in later and "：800" not in later
    assert "0.9 版" in strange and "这一版的条文不在这台电脑上" in strange and "X 的 3 版不在这台电脑上" in strange


def test_what_was_published_is_known_wherever_the_county_is_asked_from(world: World, tmp_path: Path) -> None:
    """Put back on another machine, or asked by a user with another data folder: judged by the same packs, and no version twice."""
    world.station("甲")
    assert publish(world, overlay(tmp_path, "1.1")) == 0
    trusted = bytes(county_keys(world.county).signing.verify_key)
    with world.county.read() as session:
        elsewhere = {pack.id: pack.version for pack in policies.known_at(tmp_path / "elsewhere", trusted, session)}
        assert elsewhere["O"] == "1.1"
        assert "O" not in {pack.id for pack in policies.known_at(tmp_path / "elsewhere", b"\0" * 32, session)}
    shutil.rmtree(world.folder / "home")
    assert publish(world, overlay(tmp_path, "1.0")) == 3
    assert publish(world, overlay(tmp_path, "1.1", "800")) == 3  # claims that name 1.1 would have been judged by either
    assert publish(world, overlay(tmp_path, "1.1")) == 0
    assert publish(world, overlay(tmp_path, "1.2", "800")) == 0


@pytest.mark.parametrize(("version", "rule"), [("0.9", "R03"), ("1.0.1", "R99")])
def test_what_cannot_be_used_is_not_published(world: World, tmp_path: Path, version: str, rule: str, capsys: Any) -> None:
    a = world.station("甲")
    assert publish(world, overlay(tmp_path)) == 0
    assert publish(world, overlay(tmp_path, version, "100", rule)) == 3
    told = capsys.readouterr().err
    assert told.strip().splitlines()[-1].endswith(("。", "R99"))
    world.settle()
    assert known(a)["O"] == "1.0.0"


@pytest.mark.parametrize("content", ["not a pack", 7, None, {"a": 1}, "stranger", "unsigned"])
def test_only_the_countys_signature_counts(world: World, tmp_path: Path, content: Any) -> None:
    a, b = world.station("甲"), world.station("乙")
    data = overlay(tmp_path).read_bytes()
    content = policies.sign(data, SigningKey(b"s" * 32)).decode() if content == "stranger" else content
    add(a, "policy_pack", village=VILLAGE, pack="O", version="9", content=data.decode() if content == "unsigned" else content)
    world.settle()
    assert known(b) == known(a) == {pack.id: pack.version for pack in policies.shipped()}


def test_an_older_version_passed_on_does_not_come_back(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    old = policies.sign(overlay(tmp_path).read_bytes(), county_keys(world.county).signing).decode()
    assert publish(world, overlay(tmp_path, "2")) == 0
    world.settle()
    add(a, "policy_pack", village=VILLAGE, pack="O", version="1.0.0", content=old)
    world.settle()
    assert known(a)["O"] == "2"


def arrived(world: World, store: Store, tmp_path: Path, version: str, **said: str) -> None:
    """A pack that a program of another age signed, which looked at less, or at more."""
    text = sound(world, overlay(tmp_path, version, **said).read_bytes())
    add(store, "policy_pack", village=VILLAGE, pack="O", version=version, content=text)


def sound(world: World, data: bytes) -> str:
    """A pack with the county's signature, whatever is in it."""
    key = county_keys(world.county).signing
    return f"{data.decode()}# signature {bytes(key.verify_key).hex()} {key.sign(policies.MARK + data).signature.hex()}\n"


@pytest.mark.parametrize("said", [{"cap": "99999999999999"}, {"rule": "R99"}, {"rule": 'R03"\nnew = "word'}])
def test_a_pack_that_cannot_be_used_is_told_and_the_one_before_stays(world: World, tmp_path: Path, said: dict[str, str]) -> None:
    a = world.station("甲")
    migrant(a, number="230826198005050118")
    world.settle()
    arrived(world, a, tmp_path, "9", **said)
    assert amount(a) == "500 1.0.0" and "O" not in known(a)
    assert publish(world, overlay(tmp_path)) == 0
    world.settle()
    assert amount(a) == "900 1.0.0+O@1.0.0"
    with a.read() as session:
        (told,) = policies.unusable(session)
        assert (told.id, told.version, told.instead) == ("O", "9", "1.0.0") and told.sentence() in [a.message for a in alerts(session)]
    assert publish(world, overlay(tmp_path, "9.1", "800")) == 0
    world.settle()
    with a.read() as session:
        assert policies.unusable(session) == ()
    assert amount(a) == "800 1.0.0+O@9.1"


def test_of_two_that_contradict_each_other_one_gives_way(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    migrant(a, number="230826198005050118")
    world.settle()
    assert publish(world, overlay(tmp_path)) == 0
    world.settle()
    text = sound(world, overlay(tmp_path, cap="700").read_bytes().replace(b'"O"', b'"P"'))
    add(a, "policy_pack", village=VILLAGE, pack="P", version="1.0.0", content=text)
    assert amount(a) == "900 1.0.0+O@1.0.0"
    with a.read() as session:
        assert [(one.id, one.instead) for one in policies.unusable(session)] == [("P", "")]


# ---------------------------------------------------------------- a county's templates of forms


def sheet(tmp_path: Path, words: str) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"], book.active["A2"] = words, "{{行.姓名或单位}}"
    book.save(tmp_path / "roster.xlsx")
    return tmp_path / "roster.xlsx"


def issue(world: World, *words: str) -> int:
    return PROGRAM.main(["--home", str(world.folder / "home"), "--database", world.county.url, "template", *words])


def drawn(store: Store, tmp_path: Path) -> str:
    """The first cell of the roster as this station draws it."""
    with store.read() as session:
        form, own = forms.make(session, "claim_roster"), forms.own_template(session, store.home, "claim_roster")
    forms.write(form, tmp_path / "out.xlsx", name="claim_roster", own=own)
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.active is not None
    return str(book.active["A1"].value)


@both
def test_a_countys_template_is_used_at_every_station_until_it_is_taken_back(world: World, tmp_path: Path) -> None:
    a, b = world.station("甲"), world.station("乙", OTHER_VILLAGE)
    usual = drawn(a, tmp_path)
    assert issue(world, "publish", "claim_roster", str(sheet(tmp_path, "桦川县名册"))) == 0
    world.settle()
    assert (drawn(a, tmp_path), drawn(b, tmp_path)) == ("桦川县名册", "桦川县名册")
    assert known(a) == {pack.id: pack.version for pack in policies.shipped()}  # it is no pack
    templates.keep(b.home, "claim_roster", sheet(tmp_path, "日升村名册"))  # what a station put in place itself stays
    assert issue(world, "publish", "claim_roster", str(sheet(tmp_path, "第二版"))) == 0
    world.settle()
    assert (drawn(a, tmp_path), drawn(b, tmp_path)) == ("第二版", "日升村名册")
    assert issue(world, "withdraw", "claim_roster") == 0
    world.settle()
    assert drawn(a, tmp_path) == usual
    assert_equal(world)


def test_a_word_document_travels_under_a_word_that_older_programs_pass_over(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    assert issue(world, "publish", "claim_roster", str(sheet(tmp_path, "桦川县名册"))) == 0
    templates.blank("claim_roster", tmp_path / "a.docx")
    assert issue(world, "publish", "claim_roster", str(tmp_path / "a.docx")) == 0
    world.settle()
    with a.read() as session:
        own = forms.own_template(session, a.home, "claim_roster")
        held = [record.content.partition(' = "UE')[0].rpartition("\n")[2] for record in session.select(PolicyPack)]
    assert own == (tmp_path / "a.docx").read_bytes() and sorted(held) == ["document", "workbook"]
    assert issue(world, "withdraw", "claim_roster") == 0
    world.settle()
    with a.read() as session:
        assert forms.own_template(session, a.home, "claim_roster") is None


def test_a_template_no_station_would_take_is_not_issued(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    big, nothing = tmp_path / "big.xlsx", tmp_path / "nothing.xlsx"
    nothing.touch()
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in range(1, 250):
        for column in range(1, 50):
            book.active.cell(row, column, f"{row * 7919 + column * 104729:x}字{row}{column}")
    book.save(big)
    for words in (
        ["claim_roster", str(sheet(tmp_path, "=1+1"))],
        ["claim_roster", str(sheet(tmp_path, "{{没有}}"))],
        ["claim_roster", str(big)],
        ["claim_roster", str(nothing)],  # a copy that failed took the template in force back
    ):
        assert issue(world, "publish", *words) == 3
    assert issue(world, "publish", "claim_roster") == 2
    assert issue(world, "withdraw", "nothing") != 0
    world.settle()
    with a.read() as session:
        assert session.count("policy_pack") == 0


SORTS = ("stranger", "unsigned", "another form", "not text", "no toml", "a pack's signature", "nested", "no workbook", "no base64")


@pytest.mark.parametrize("sort", SORTS)
def test_only_a_template_the_county_signed_counts(world: World, tmp_path: Path, sort: str) -> None:
    a = world.station("甲")
    data, key = sheet(tmp_path, "外来的").read_bytes(), county_keys(world.county).signing
    sound = issued_templates.signed("claim_roster", data, 9, key)

    def by_the_county(workbook: str) -> str:
        body = f'form = "claim_roster"\nversion = 9\nworkbook = {workbook}\n'
        return f"{body}# signature {bytes(key.verify_key).hex()} {key.sign(issued_templates._DOMAIN + body.encode()).signature.hex()}\n"

    content: Any = {
        "stranger": issued_templates.signed("claim_roster", data, 9, SigningKey(b"s" * 32)),
        "unsigned": sound.partition("# signature")[0],
        "another form": issued_templates.signed("application", None, 9, key),
        "not text": {"form": "claim_roster"},
        "no toml": "form = [",
        "nested": by_the_county("[" * 5000 + "]" * 5000),  # what the county's key signed by another program is no template yet
        "no workbook": by_the_county("7"),
        "no base64": by_the_county('"PK"'),
        "a pack's signature": policies.sign(overlay(tmp_path).read_bytes(), key).decode(),
    }[sort]
    add(a, "policy_pack", village=VILLAGE, **{**issued_templates.as_record("claim_roster", 9, ""), "content": content})
    with a.read() as session:
        assert issued_templates.of(session, "claim_roster") is None
    add(a, "policy_pack", village=VILLAGE, **issued_templates.as_record("claim_roster", 9, sound))
    with a.read() as session:
        assert issued_templates.of(session, "claim_roster") == data
