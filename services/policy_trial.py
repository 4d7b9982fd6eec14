"""What a policy pack would change before it is published: tried on the records of the county.

tried = trial(session, pack, known)
tried.sentences()                 how many people and how much
save(session, tried, file)        everybody whose verdict changes, as XLSX
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from db.session import Session
from domain import divisions
from domain.money import yuan_grouped
from domain.policy.pack import Pack, PackUnusable
from domain.policy.packs import in_force
from domain.policy.verdict import Verdict
from domain.progress import Progress, unwatched
from domain.records import Claim, Employer, Person
from domain.words import _
from services import cards, policies, records, screening
from services.files import written
from services.screening import Change
from services.sheets import Workbook, yuan


@dataclass(frozen=True)
class Trial:
    """The changes a pack would make. `early`: how many people it touches for the year in which it begins, if it begins within that year: a
    yearly benefit is judged by it for the whole year."""

    pack: Pack
    changes: Sequence[Change]
    early: int
    names: Mapping[str, str]
    """The names of the rules, by id."""

    @property
    def people(self) -> int:
        """Number of people and employers whose verdict changes."""
        return len({_subject(change) for change in self.changes})

    def sentences(self) -> list[str]:
        """How many people and how much it touches, and whether work done before its first day is paid by it."""
        if not self.changes:
            return [_("按县里现有的数据试算：这份下发以后，没有人的判定会变。")]
        more, less = sum(max(0, one.difference) for one in self.changes), sum(min(0, one.difference) for one in self.changes)
        text = _("按县里现有的数据试算：这份下发以后，{n} 人的判定会变，合计多 {more} 元、少 {less} 元。")
        said = [text.format(n=self.people, more=yuan_grouped(more), less=yuan_grouped(-less))]
        if self.early:
            text = _(
                "其中 {n} 人是 {year} 年的：它从 {start} 起执行，按年算的补助全年都按它算，{start} 以前做完的也算在内。"
                "不是这个意思的，把 from 写成下一年的 1 月 1 日。"
            )
            said.append(text.format(n=self.early, year=self.pack.start[:4], start=self.pack.start))
        return said


def trial(session: Session, pack: Pack, known: Iterable[Pack], progress: Progress = unwatched) -> Trial:
    """Judge everybody with and without the pack; `known`: the packs known now. Raises `PackUnusable` for a pack that does not fit."""
    there = {one.id: one for one in known}
    before, after = policies.in_use((), there.values()), policies.in_use((), (there | {pack.id: pack}).values())
    try:
        in_force(before)
    except PackUnusable:  # an earlier program published what cannot be used; this version replaces it
        before = policies.in_use((), [one for one in there.values() if one.id != pack.id])
    changes = screening.compare(session, before, after, only=sorted(pack.changes), progress=progress) if pack.active else []
    by_year = {each.rule.id for each in in_force(after) if each.rule.kind.by_period}
    verdicts = [one.after for one in changes if one.after is not None]
    early = [v for v in verdicts if pack.base and v.year == int(pack.start[:4]) and v.rule in by_year and pack.start[5:] != "01-01"]
    names = {each.rule.id: _(each.rule.name) for each in in_force(after)} if changes else {}
    return Trial(pack, changes, len({v.person_id or v.employer_id for v in early}), names)


def save(session: Session, tried: Trial, file: Path) -> int:
    """Write a line for each change, the largest first; returns their number. It holds names and villages, no numbers."""
    listed = sorted(tried.changes, key=lambda one: (-abs(one.difference), _subject(one)))
    shown = [verdict for one in listed if (verdict := one.after or one.before) is not None]
    names = cards.names_of(session, [(verdict.person_id, verdict.employer_id) for verdict in shown])
    homes = {
        id: divisions.full_name(one.village) or one.village
        for kind in (Person, Employer)
        for id, one in records.by_id(session, kind, [getattr(verdict, f"{kind.KIND.name}_id") for verdict in shown]).items()
    }
    with written(file) as unfinished, Workbook(unfinished) as book:
        head = (_("村"), _("姓名或单位"), _("项目"), _("年度"), _("现在"), _("金额（元）"), _("下发以后"), _("金额（元）"), _("增减（元）"))
        sheet = book.sheet(_("试算"))
        sheet.title(_("{title}：下发以后判定会变的人").format(title=tried.pack.title), len(head))
        sheet.headings(head)
        for change, verdict in zip(listed, shown, strict=True):
            subject = [names[id][0] for id in (verdict.person_id, verdict.employer_id) if id in names]
            home = homes.get(verdict.person_id or verdict.employer_id, "")
            what = (home, "　".join(subject), tried.names.get(verdict.rule, verdict.rule), verdict.year)
            sheet.row((*what, *_shown(change.before), *_shown(change.after), yuan(change.difference)))
    return len(listed)


def _shown(verdict: Verdict | None) -> tuple[str, float]:
    label = Claim.KIND.by_name["outcome"].label_of(verdict.outcome.value) if verdict is not None else ""
    return label, yuan(verdict.amount if verdict is not None else 0)


def _subject(change: Change) -> str:
    verdict = change.after or change.before
    return (verdict.person_id or verdict.employer_id or "") if verdict is not None else ""
