"""The practice village of invented people: its rosters, dated so that they end today, and what its clerk has begun to do with them.

`resources/practice` holds the rosters as CSV. Marks stand for dates and are counted from today, here from
2026-11-28: `{d-5}` is five days earlier (2026-11-23), `{m-2}` two months earlier (2026年9月), `{y-1}` last year (2025年), `{Y-1}` the same
without 年, and `{s-1}` and `{e-1}` are the first and last month of the last quarter.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from nacl.signing import SigningKey

from db.local import COUNTY_KEY, set_meta
from db.session import Session
from db.store import Store
from domain.periods import add_days, add_months
from domain.words import lazy
from services import importing, policies, records, screening
from services.claims import claims
from services.importing import ImportResult
from services.surveys import design, surveys
from services.surveys.design import Question

SCOPE: Final = "230826101202"
ROSTERS: Final = tuple(
    """registry.xlsx households.csv monitored.csv workshops.csv workshop.csv wages.csv work_before.csv work.csv training.csv
    posts_before.csv posts.csv post_pay_2.csv post_pay_1.csv vacancies.csv wishes.csv services.csv checks.csv income.csv
    visits.csv""".split()
)
"""In the order in which they refer to each other."""
_EXTENDED: Final = "HLJ-2021-16"
_RESOURCES: Final = Path(__file__).resolve().parents[1] / "resources"
_MARK: Final = re.compile(r"\{([dmyYse])([+-]\d+)?\}")
_CLAIMED, _ANSWERED = 8, 40
"""How many claims are filed, and how many people have answered the survey."""


def write_rosters(folder: Path, today: str) -> list[Path]:
    """Write the rosters into a folder with the dates that follow from `today`; returns the files, in the order in which to import them."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_RESOURCES / "samples" / ROSTERS[0], folder / ROSTERS[0])
    for name in ROSTERS[1:]:
        text = (_RESOURCES / "practice" / name).read_text("utf-8")
        (folder / name).write_text(dated(text, today), "utf-8")
    return [folder / name for name in ROSTERS]


def dated(text: str, today: str) -> str:
    """A roster's text with its marks replaced by dates."""

    def date_of(mark: re.Match[str]) -> str:
        unit, n = mark[1], int(mark[2] or 0)
        if unit == "d":
            return add_days(today, n)
        if unit in "yY":
            return f"{int(today[:4]) + n}{'年' if unit == 'y' else ''}"
        quarter = add_months(today, 3 * n - (int(today[5:7]) - 1) % 3)
        month = {"m": add_months(today, n), "s": quarter, "e": add_months(quarter, 2)}[unit]
        return f"{month[:4]}年{int(month[5:])}月"

    return _MARK.sub(date_of, text)


def fill(store: Store, rosters: Sequence[Path], done: Callable[[Path, ImportResult], None] = lambda *_: None) -> None:
    """Import the rosters into an empty store of the practice village; then ask a survey, and claim what some people are entitled to.

    `done` is called after each import.
    """
    for file in rosters:
        with store.write(lazy(importing.LABEL, file=file.name)) as session:
            result = importing.apply(session, importing.plan(session, file))
        done(file, result)
    asked = json.loads((_RESOURCES / "practice" / "survey.json").read_text("utf-8"))
    with store.write(lazy("新建摸排表")) as session:
        survey = _ask(session, asked)
    with store.write(lazy("填写摸排表")) as session:
        _answer(session, survey, asked["answers"])
    with store.write(lazy("提出申请")) as session:
        _claim(session)


def policy(today: str) -> bytes:
    """The provincial policy extended to the end of next year, so that claims can be practised; its title says that it is for practice."""
    text = (policies.SHIPPED / f"{_EXTENDED}.toml").read_text("utf-8")
    changed = (f'version = "1.0.{today[:4]}"', 'title = "（练习用）', f"to = {int(today[:4]) + 1}-12-31")
    for old, new in zip(('version = "1.0.0"', 'title = "', "to = 2025-12-31"), changed, strict=True):
        text = text.replace(old, new, 1)
    return text.encode()


def use_policy(session: Session, today: str) -> None:
    """Put `policy` into a store that belongs to no county, as if a county had signed it. The key is known to everybody."""
    key = SigningKey(sha256(_EXTENDED.encode()).digest())
    set_meta(session, COUNTY_KEY, bytes(key.verify_key).hex())
    signed = policies.sign(policy(today), key)
    pack = policies.read_bytes(signed)
    records.save(session, "policy_pack", {"pack": pack.id, "version": pack.version, "content": signed.decode()})


def _ask(session: Session, asked: Mapping[str, Any]) -> str:
    """Make the survey; returns its id."""
    return design.save(session, asked["survey"], [Question(**one) for one in asked["questions"]])


def _answer(session: Session, survey: str, answers: Sequence[Sequence[str]]) -> None:
    """Give the answers in turn to the first people of the survey's sheet."""
    sheet = surveys.open_sheet(session, survey)
    ids = [item.id for item in sheet.items]
    given = {person.id: dict(zip(ids, texts, strict=True)) for person, texts in zip(sheet.people[:_ANSWERED], cycle(answers), strict=False)}
    surveys.answer(session, survey, given)


def _claim(session: Session) -> None:
    """File a claim for the first people who are entitled to something."""
    entitled = [each.verdict for each in screening.screen(session) if each.unclaimed and each.verdict.person_id]
    for verdict in entitled[:_CLAIMED]:
        claims.judge_and_file(session, verdict.rule, verdict.year, person_id=verdict.person_id)
