"""Looks up the data on record about people for the columns of a sheet; each kind of record is read once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from db.merged import counted_for, roots
from domain import divisions
from domain.divisions import Region, region, region_label
from domain.identity import age_on, mask_inside
from domain.income import net
from domain.money import yuan_text
from domain.periods import last_day, months_between
from domain.records.people import MONITORED
from services.filling.content import CATEGORY, Cell, CellContent, Span, categories, category_of_household, of_field
from services.importing.rows.known import Known, Row
from services.importing.tables.rosters import field_of
from services.layouts import place_at
from services.standing import PersonStatus, chip, standings
from services.work import suggested

NOW: Final = "至今"
_YES: Final = {True: "是", False: "否"}
_AT_WORK, _IDLE, _PUPIL = ("已就业", "已务工", "就业", "务工"), ("未就业", "未务工", "无业"), ("在校", "在校学生", "在读", "学生")
"""Other words for the status of whoever works, does not, or is at school."""
_WHERE: Final = {
    Region.COUNTY: ("县内", "本县", "县域内", "市内", "省内"),
    Region.CITY: ("市内县外", "县外省内", "省内县外", "市内", "省内", "县外"),
    Region.PROVINCE: ("省内市外", "县外省内", "省内县外", "省内", "市外", "县外"),
    Region.OUTSIDE: ("省外", "跨省", "外省", "市外", "县外"),
}
"""Other words for a region of work, the most precise first."""
MONTHLY: Final = {
    "wage": ("employment", "employment_id", "amount"),
    "post_pay": ("appointment", "appointment_id", "amount"),
    "attendance": ("appointment", "appointment_id", "days"),
}
"""For each kind with monthly records: the kind it belongs to, the field that refers to it, and the field to sum up."""
_POST: Final = {"job": "post.name", "start": "appointment.start", "end": "appointment.exit_on", "monthly_wage": "post.standard"}
"""For a person in a public post: employment field → the field that answers it."""


class Answers:
    """The answers about the people with `ids`. `posts`: the sheet is a list of public posts, for which other work does not count."""

    def __init__(self, known: Known, ids: Collection[str], span: Span, *, posts: bool = False) -> None:
        self.posts = posts
        self.known, self.session, self.span = known, known.session, span
        self.whose = counted_for(self.session, ids)
        self.people = known.rows("person", ids)
        self.standings: Mapping[str, PersonStatus] = standings(self.session, ids, span.last)
        self._rows: dict[str, Mapping[str, Row]] = {}
        self._homes: dict[str, list[Row]] | None = None
        self._replaced: set[str] = set()
        self._trainings: dict[str, str] | None = None
        self._members: Mapping[str, PersonStatus] | None = None
        self._surveyed: dict[tuple[str, str], tuple[int, str | None]] | None = None
        self._months: dict[str, Mapping[tuple[str, str], CellContent]] = {}

    def answer(self, id: str, target: str) -> CellContent | None:
        """The answer about a person for a column; None if nothing is on record."""
        if target in CATEGORY:
            return categories(self.standings[id], target)
        if target in _COMPUTED:
            found = _COMPUTED[target](self, id)
            return None if found in (None, "") else found if isinstance(found, CellContent) else CellContent(found)
        kind, _dot, name = target.partition(".")
        if kind == "head":
            return _head(self, id, name)
        if kind == "employment" and id in self.rows("appointment") and (self.posts or id not in self.rows(kind)):
            return self._answer_by_post(id, name)
        f, row = field_of(target), self.rows(kind).get(id) if kind in _COUNTING else None
        return None if f is None or row is None else of_field(f, row[name])

    def _answer_by_post(self, id: str, name: str) -> CellContent | None:
        """The answer to an employment column for a person whose work is a public post."""
        if name == "place":
            village = self.people[id]["village"]
            return CellContent(divisions.full_name(village) or village)
        if name == "channel":
            f = field_of("employment.channel")
            return of_field(f, "public_post") if f is not None else None
        target = _POST.get(name, "")
        return self.answer(id, target) if target else None

    def month(self, id: str, kind: str, month: str) -> CellContent | None:
        """The answer for a month: wages or post pay in yuan (`wage`, `post_pay`), days present (`attendance`), or the work status
        (`monthly_check`)."""
        if kind not in self._months:
            self._months[kind] = self._checks() if kind == "monthly_check" else self._sums(kind, *MONTHLY[kind])
        return self._months[kind].get((id, month))

    def over_months(self, id: str, kind: str) -> CellContent | None:
        """The sum of a period that is over, as `month`; None if a month is missing in which the person had the job."""
        each = {month: self.month(id, kind, month) for month in months_between(self.span.first[:7], self.span.last[:7])}
        amounts = [float(found.cell) for found in each.values() if found is not None]
        missing = [Span(f"{month}-01", last_day(month)) for month, found in each.items() if found is None]
        held = (row for row in self.known.where(MONTHLY[kind][0], "person_id", self.whose) if self.whose[row["person_id"]] == id)
        lacking = any(span.holds(row["start"], row["end" if kind == "wage" else "exit_on"]) for row in held for span in missing)
        return CellContent(round(sum(amounts), 2)) if amounts and not lacking and self.span.last < self.session.today else None

    def surveyed(self, id: str, questions: Iterable[str]) -> CellContent | None:
        """A person's latest answer to any of these questions (ids of survey items)."""
        if self._surveyed is None:
            rows = sorted(self.known.where("survey_answer", "person_id", self.whose), key=lambda row: (row["updated_at"] or "", row["id"]))
            self._surveyed = {(self.whose[row["person_id"]], row["item_id"]): (n, row["value"]) for n, row in enumerate(rows)}
        given = [self._surveyed[id, question] for question in questions if (id, question) in self._surveyed]
        value = max(given)[1] if given else None
        hidden = mask_inside(value) if value else None
        return CellContent(value, masked=None if hidden == value else hidden) if value else None

    def rows(self, kind: str) -> Mapping[str, Row]:
        """The record of a kind that counts for each person, by person id."""
        if kind not in self._rows:
            self._rows[kind] = _COUNTING[kind](self)
        return self._rows[kind]

    def members(self, id: str) -> list[Row]:
        """The members of a person's household who were alive at the end of the period."""
        if self._homes is None:
            homes = {row["household_id"] for row in self.people.values() if row["household_id"]}
            self._homes = self.known.children("person", "household_id", homes)
            into = roots(self.session, [row["id"] for rows in self._homes.values() for row in rows if row["merged_into"]])
            self._replaced = {id for id, root in into.items() if id != root}
        people = self._homes.get(self.people[id]["household_id"] or "", [])
        return [row for row in people if row["id"] not in self._replaced and (row["died_on"] or "9") > self.span.last]

    def head(self, id: str) -> Row | None:
        """The head of a person's household."""
        home, members = self.rows("household").get(id), self.members(id)
        named = home["head_id"] if home is not None else None
        heads = (row for row in members if row["id"] == named)
        return next(heads, None) or next((row for row in members if row["relation"] == "户主"), None)

    # -- which record counts ---------------------------------------------------------------------------------------------------

    def latest(self, kind: str, start: str = "start", end: str | None = None) -> dict[str, Row]:
        """The latest record of each person; with `end`, only records that overlap with the period."""
        rows = sorted(self.known.where(kind, "person_id", self.whose), key=lambda row: (row[start] or "", row["id"]))
        return {self.whose[row["person_id"]]: row for row in rows if end is None or self.span.holds(row[start], row[end])}

    def beside(self, kind: str, owner: str, by: str) -> dict[str, Row]:
        """The record to which each person's `owner` record refers in field `by`."""
        wanted = {id: row[by] for id, row in self.rows(owner).items() if row[by]}
        found = self.known.rows(kind, set(wanted.values()))
        return {id: found[other] for id, other in wanted.items() if other in found}

    def homes(self) -> dict[str, Row]:
        """The household of each person."""
        of = {id: row["household_id"] for id, row in self.people.items() if row["household_id"]}
        found = self.known.rows("household", set(of.values()))
        return {id: found[home] for id, home in of.items() if home in found}

    def incomes(self) -> dict[str, Row]:
        """The income of each person's household over exactly the months of the period."""
        homes = {row["household_id"] for row in self.people.values() if row["household_id"]}
        months = self.span.first[:7], self.span.last[:7]
        rows = self.known.where("household_income", "household_id", homes)
        found = {row["household_id"]: row for row in rows if (row["start"], row["end"]) == months}
        return {id: row for id, person in self.people.items() if (row := found.get(person["household_id"] or "")) is not None}

    def under(self, kind: str, owner: str, by: str) -> dict[str, Row]:
        """The latest record that refers in field `by` to each person's `owner` record."""
        whose = {row["id"]: id for id, row in self.rows(owner).items()}
        rows = sorted(self.known.where(kind, by, whose), key=lambda row: (row["start"], row["id"]))
        return {whose[row[by]]: row for row in rows}

    def enrolments(self) -> dict[str, Row]:
        """Each person's enrolment in the course that began last."""
        rows = list(self.known.where("enrolment", "person_id", self.whose))
        begun = {id: course["start"] for id, course in self.known.rows("course", {row["course_id"] for row in rows}).items()}
        rows.sort(key=lambda row: (begun.get(row["course_id"], ""), row["id"]))
        return {self.whose[row["person_id"]]: row for row in rows}

    def trainings(self) -> dict[str, str]:
        """Each person's courses in order, as text: 2023-05-10至2023-05-20电焊（结业）. Those refused or not begun are left out."""
        if self._trainings is None:
            rows = [row for row in self.known.where("enrolment", "person_id", self.whose) if row["outcome"] != "refused"]
            courses, f = self.known.rows("course", {row["course_id"] for row in rows}), field_of("enrolment.outcome")
            told = dict[str, list[tuple[str, str]]]()
            for row in rows:
                course = courses.get(row["course_id"])
                if course is not None and course["start"] <= self.span.last:
                    outcome = of_field(f, row["outcome"]) if f is not None else None
                    text = f"{_range(course, 'start', 'end')}{course['title']}" + (f"（{outcome.cell}）" if outcome is not None else "")
                    told.setdefault(self.whose[row["person_id"]], []).append((course["start"], text))
            self._trainings = {id: "；".join(text for _start, text in sorted(texts)) for id, texts in told.items()}
        return self._trainings

    def working(self, id: str) -> int:
        """The number of members of a person's household who are at work at the end of the period."""
        members = self.members(id)
        if self._members is None:
            ids = [row["id"] for rows in (self._homes or {}).values() for row in rows]
            self._members = standings(self.session, ids, self.span.last)
        return sum(bool(self._members[row["id"]].works) for row in members)

    def paid(self, id: str) -> CellContent | None:
        """The pay for public posts up to the end of the period, in yuan."""
        if "post_pay" not in self._months:
            self._months["post_pay"] = self._sums("post_pay", *MONTHLY["post_pay"])
        amounts = [answer.cell for (of, month), answer in self._months["post_pay"].items() if of == id and month <= self.span.last[:7]]
        return CellContent(round(sum(map(float, amounts)), 2)) if amounts else None

    def _sums(self, kind: str, owner: str, by: str, name: str) -> dict[tuple[str, str], CellContent]:
        whose = {row["id"]: self.whose[row["person_id"]] for row in self.known.where(owner, "person_id", self.whose)}
        sums: dict[tuple[str, str], int] = {}
        for row in self.known.where(kind, by, whose):
            if row[name] is not None:
                key = whose[row[by]], row["month"]
                sums[key] = sums.get(key, 0) + row[name]
        return {key: CellContent(total if kind == "attendance" else float(yuan_text(total))) for key, total in sums.items()}

    def _checks(self) -> dict[tuple[str, str], CellContent]:
        f = field_of("monthly_check.status")
        assert f is not None
        rows = self.known.where("monthly_check", "person_id", self.whose)
        return {(self.whose[row["person_id"]], row["month"]): answer for row in rows if (answer := of_field(f, row["status"]))}


# -- answers that are not a single field -----------------------------------------------------------------------------------------


def _cleared(known: Answers, id: str) -> str | None:
    """Whether the risk of somebody who is or was monitored has been cleared."""
    row = known.rows("category_span").get(id)
    return None if row is None or row["category"] not in MONITORED else _YES[not known.standings[id].monitored]


def _age(known: Answers, row: Row) -> int | None:
    birth = row["birth"]
    return age_on(birth, known.span.last) if birth and birth <= known.span.last else None


def _range(row: Row | None, start: str, end: str) -> str | None:
    """A start and end as text for one column: 2023-01-01至2023-06-30."""
    return None if row is None or not row[start] else f"{row[start]}至{row[end]}" if row[end] else f"{row[start]}{NOW}"


def _working(known: Answers, id: str) -> str:
    return _YES[id in known.rows("employment") or id in known.rows("appointment")]


def _still_away(known: Answers, id: str) -> str | None:
    spell = known.rows("employment").get(id)
    return None if spell is None else _YES[Span(known.span.last, known.span.last).holds(spell["start"], spell["end"])]


def _head(known: Answers, id: str, name: str) -> CellContent | None:
    row, f = known.head(id), field_of(f"person.{name}")
    if name == "age":
        years = None if row is None else _age(known, row)
        return None if years is None else CellContent(years)
    return None if row is None or f is None else of_field(f, row[name])


def _employer(known: Answers, id: str) -> Any:
    spell, employer, post = (known.rows(kind).get(id) for kind in ("employment", "employer", "post"))
    if spell is None or (known.posts and post is not None):
        name = post["user_unit"] if post is not None else None
    else:
        name = employer["name"] if employer is not None else spell["employer_name"]
    return name or None


def _status(known: Answers, id: str) -> CellContent:
    """A person's work status in the words of the monthly check: as checked in the last month, otherwise as the records suggest."""
    f, suggestion = field_of("monthly_check.status"), suggested(known.people[id], known.standings[id])
    checked = known.month(id, "monthly_check", known.span.last[:7]) or (of_field(f, suggestion) if f is not None and suggestion else None)
    return _activity(known, id, checked)


def _work(known: Answers, id: str) -> CellContent:
    work = known.standings[id].work_text()
    return _activity(known, id, CellContent(work) if work else None)


def _activity(known: Answers, id: str, said: CellContent | None) -> CellContent:
    """What a person does: as `said`, otherwise a pupil, unable to work, looking for work; with other words for it."""
    text, code = chip(known.people[id], known.standings[id], known.span.last)
    idle = text if code != "none" or known.people[id]["died_on"] else _IDLE[0]  # whoever is old may still work
    also = _PUPIL if code == "school" else _AT_WORK if _working(known, id) == _YES[True] else _IDLE
    return (said or CellContent(idle))._replace(also=also)


def _chip(known: Answers, id: str) -> str:
    return chip(known.people[id], known.standings[id], known.span.last)[0]


def _income(known: Answers, id: str, persons: int) -> CellContent | None:
    """The net income of a person's household in the period, divided by `persons`, or with 0 by those who lived on it."""
    row = known.rows("household_income").get(id)
    return None if row is None else CellContent(float(yuan_text(net(row) // (persons or row["persons"]))))


def _channel(known: Answers, id: str, channel: str) -> str:
    return _YES[any(work.channel == channel for work in known.standings[id].works)]


def _region(known: Answers, id: str) -> CellContent | None:
    spell = known.rows("employment").get(id)
    if spell is None and id not in known.rows("appointment"):
        return None
    where = region(spell["place"], spell["village"]) if spell is not None else Region.COUNTY
    return CellContent(region_label(where), also=_WHERE.get(where, ())) if where is not None else None


def _payee(known: Answers, id: str) -> CellContent | None:
    """The name of the account's holder: the person, or the head if the record says so; None for others, who are not on record."""
    person, f = known.people[id], field_of("person.name")
    if not person["bank_account"] or f is None:
        return None
    whose = person["payee_relation"]
    return of_field(f, person["name"]) if whose in (None, "", "本人") else _head(known, id, "name") if whose == "户主" else None


def _area(level: str) -> Callable[[Answers, str], str]:
    return lambda known, id: place_at(known.people[id]["village"], level)


def _work_area(level: str) -> Callable[[Answers, str], str | None]:
    def at(known: Answers, id: str) -> str | None:
        spell = known.rows("employment").get(id)
        return place_at(spell["place"] or "", level) if spell is not None else None

    return at


_Computed = Callable[[Answers, str], Cell | CellContent | None]
_COMPUTED: Final[Mapping[str, _Computed]] = {
    "age": lambda known, id: _age(known, known.people[id]),
    "payee": _payee,
    **{f"area.{level}": _area(level) for level in ("province", "city", "county", "town", "village")},
    **{f"work.{level}": _work_area(level) for level in ("province", "city", "county")},
    "work.range": lambda known, id: _range(known.rows("employment").get(id), "start", "end"),
    "work.already": _working,
    "work.still": _still_away,
    "contract.range": lambda known, id: _range(known.rows("employment").get(id), "contract_start", "contract_end"),
    "agreement.range": lambda known, id: _range(known.rows("agreement").get(id), "start", "end"),
    "insurance.range": lambda known, id: _range(known.rows("insurance").get(id), "start", "end"),
    "course.range": lambda known, id: _range(known.rows("course").get(id), "start", "end"),
    "wish.planned": lambda known, id: _YES[True] if id in known.rows("job_wish") else None,
    "employment.employer_name": _employer,
    "household.category": lambda known, id: category_of_household(known.standings[id]),
    "household.head": lambda known, id: _head(known, id, "name"),
    "household.head_number": lambda known, id: _head(known, id, "id_number"),
    "household.size": lambda known, id: len(known.members(id)) or None,
    "household.workers": lambda known, id: sum(row["labour"] not in ("none", "lost") for row in known.members(id)) or None,
    "household.working": lambda known, id: known.working(id) if known.members(id) else None,
    "income.net": lambda known, id: _income(known, id, 1),
    "income.per_head": lambda known, id: _income(known, id, 0),
    "post_pay.total": lambda known, id: known.paid(id),
    "training.history": lambda known, id: known.trainings().get(id),
    "standing.work": _work,
    "standing.chip": _chip,
    "standing.working": _working,
    "standing.status": _status,
    "standing.region": _region,
    "standing.either": lambda known, id: _YES[known.standings[id].lifted or known.standings[id].monitored],
    "standing.lifted": lambda known, id: _YES[known.standings[id].lifted],
    "standing.cleared": _cleared,
    "standing.monitored": lambda known, id: _YES[known.standings[id].monitored],
    "standing.able": lambda known, id: _YES[known.people[id]["labour"] not in ("none", "lost")],
    "standing.post": lambda known, id: _YES[id in known.rows("appointment")],
    "standing.workshop": lambda known, id: _channel(known, id, "workshop"),
}
"""The columns that are not a field of one record."""

_COUNTING: Final[Mapping[str, Callable[[Answers], Mapping[str, Row]]]] = {
    "person": lambda known: known.people,
    "household": lambda known: known.homes(),
    "category_span": lambda known: known.latest("category_span"),
    "employment": lambda known: known.latest("employment", end="end"),
    "employer": lambda known: known.beside("employer", "employment", "employer_id"),
    "appointment": lambda known: known.latest("appointment", end="exit_on"),
    "post": lambda known: known.beside("post", "appointment", "post_id"),
    "agreement": lambda known: known.under("agreement", "appointment", "appointment_id"),
    "insurance": lambda known: known.under("insurance", "appointment", "appointment_id"),
    "household_income": lambda known: known.incomes(),
    "job_wish": lambda known: known.latest("job_wish", "opened_on", "closed_on"),
    "schooling": lambda known: known.latest("schooling", "term_start"),
    "enrolment": lambda known: known.enrolments(),
    "course": lambda known: known.beside("course", "enrolment", "course_id"),
}
"""For each kind, the record that counts for a person."""


_OF_A_MONTH: Final = tuple(f"{kind}.{name}" for kind, (_owner, _by, name) in MONTHLY.items())
_OWN_USE: Final = frozenset({"note", "acting_for"})
"""Fields for the village's own use, which are never filled in."""


def answerable(target: str) -> bool:
    """Whether a column asks for data about people that is on record and may be passed on."""
    kind, _dot, name = target.partition(".")
    if kind == "head":
        return name == "age" or answerable(f"person.{name}")
    withheld = name in _OWN_USE or field_of(target) is None
    return target[:1] in "@?" or target in (*_COMPUTED, *CATEGORY, *_OF_A_MONTH) or (kind in _COUNTING and not withheld)
