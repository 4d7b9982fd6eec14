"""公益性岗位台账 → posts, appointments, agreements and insurances, one holder in each row; 公益性岗位人员增减变动表 → appointments that
begin or end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from domain.fields import kind_of
from domain.fuzzy_dates import first_day, last_day
from domain.grouping import by_key
from domain.words import _
from services.importing.plan import Draft, Level, PlanRow
from services.importing.rows.drafting import Context, against, complete_start, require
from services.importing.rows.known import PersonRef, Row
from services.importing.rows.lines import Lines
from services.importing.rows.people import PeopleMaker, Ready
from services.importing.tables.heading_words import plain
from services.importing.tables.rosters import supposed
from services.posts.posts import AGREEMENT, INSURANCE

_POST = ("name", "type", "quota", "developer", "user_unit", "fund", "standard", "required_days")
_IDENTIFYING = ("name", "type", "developer", "fund", "standard")
"""The fields that identify a post: the name and the facts that article 二十七 requires."""
_APPOINTMENT = ("start", "exit_on", "exit_reason")

_GENERAL = re.compile("^(?:生态|农村|乡村|村屯)")
_COARSE = frozenset({"appointment.start", "agreement.start", "agreement.end", "insurance.start", "insurance.end"})


class PostMaker(PeopleMaker):
    """Makes the rows of one ledger of posts."""

    reads: tuple[str, ...] = ("person.", "post.", "appointment.", "agreement.", "insurance.", "area.")

    def __init__(self, context: Context, lines: Lines, titled: str | None) -> None:
        super().__init__(context, lines, titled)
        lines.coarse = _COARSE

    def _ask(self, ready: Ready) -> str:
        known = self.context.known
        self.posts = known.all("post")
        self.values = _completed({i: self.lines.given("post", _POST, i) for i, _row, _person in ready})
        self.holders = self._most_holders(ready)
        self.appointments = known.children("appointment", "person_id", {person.id for _i, _row, person in ready})
        ids = [row["id"] for rows in self.appointments.values() for row in rows]
        self.papers = {kind: known.children(kind, "appointment_id", ids) for kind in ("agreement", "insurance")}
        self.made: list[Draft] = []
        """The new posts."""
        self.untyped: set[str] = set()
        """The ids of the new posts with agreements whose type no column states."""
        return _("核对公益岗台账")

    def _most_holders(self, ready: Ready) -> Mapping[tuple[str, ...], int]:
        """The most people on each post on any one day: somebody and their replacement hold one place."""
        starts, ends = (self.lines.values(f"appointment.{name}") for name in ("start", "exit_on"))
        terms = by_key(
            (_post_key(self.values[i]), (first_day(starts[i]) if starts[i] else "", last_day(ends[i]) if ends[i] else "9", person.id))
            for i, _row, person in ready
        )
        return {
            key: max(len({id for start, end, id in held if start <= day <= end}) for day in {start for start, _end, _id in held})
            for key, held in terms.items()
        }

    def make(self) -> list[PlanRow]:
        """The plan's rows in order; tells of the new posts only as far as a row that is imported needs them."""
        rows = super().make()
        for post in self.made:
            using = [row for row in rows if post in row.uses]
            numbers = _("、").join(str(row.number) for row in using)
            for told in self._told(post) if using else ():
                after = _("收下第 {rows} 行以后：{told}").format(rows=numbers, told=told)
                self.context.propose(told if any(row.goes_in for row in using) else after)
        return rows

    # -- one row -----------------------------------------------------------------------------------------------------------

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        post = self._post(i, row)
        if post is None:
            return
        agreement, insurance = self._paper("agreement", AGREEMENT, i, row), self._paper("insurance", INSURANCE, i, row)
        values = self.lines.given("appointment", _APPOINTMENT, i) | {"post_id": post.id, "person_id": person.id}
        going_on = self._going_on(person, post.id)
        if going_on is None or str(agreement.get("start")) <= going_on["start"]:  # a further agreement begins no other appointment
            values.setdefault("start", agreement.get("start"))
        recorded = (a["start"] for a in self.appointments.get(person.id, ()) if a["post_id"] == post.id)
        complete_start(self.lines, i, row, "appointment.start", values, recorded)
        appointment = self._appointment(i, row, person, values, str(agreement.get("start")))
        if appointment is None:
            return
        drafts = [appointment]
        if agreement.keys() == {"start"}:
            self.lines.add_issue(row, i, "agreement.start", _("没有写协议到哪天为止，只登记了聘用"), "no_end", Level.WARNING)
        elif agreement:
            if "type" not in agreement:
                self.untyped.add(post.id)
            agreement.setdefault("type", supposed()["agreement.type"])
            drafts += self._draft(i, row, "agreement", appointment, agreement)
        if insurance:
            drafts += self._draft(i, row, "insurance", appointment, insurance)
        if not row.refused:
            row.uses, row.drafts = [post], drafts

    def _paper(self, kind: str, names: Sequence[str], i: int, row: PlanRow) -> dict[str, Any]:
        """The values of a row's agreement or insurance, empty if it has none or gives no start. Months become their first or last day, with
        a warning."""
        values = self.lines.given(kind, names, i)
        term = self.lines.values(f"{kind}.range")[i]
        if term is not None:
            reach = term.begun(values.get("start"))
            if reach.start is None:
                return {}
            values |= {name: day for name, day in (("start", reach.start), ("end", reach.end)) if day is not None and name not in values}
        for name, whole in (("start", first_day), ("end", last_day)):
            self._to_the_day(kind, name, whole, i, row, values)
        if str(values.get("end") or "9") < str(values.get("start") or ""):
            target = f"{kind}.range" if term is not None else f"{kind}.end"
            self.lines.add_issue(row, i, target, _("结束时间早于开始时间"), "order", Level.WARNING)
        return values

    def _to_the_day(self, kind: str, name: str, whole: Callable[[str], str], i: int, row: PlanRow, values: dict[str, Any]) -> None:
        """Convert a start or end given as a month to a day; drop one given as a year."""
        written = values.get(name)
        if written is None or len(written) == 10:
            return
        target = f"{kind}.{name}" if self.lines.values(f"{kind}.{name}")[i] is not None else f"{kind}.range"
        if len(written) == 7:
            values[name] = whole(written)
            if not any(issue.code == "date_coarse" for issue in row.issues):
                message = _("只写到月，按月初到月末导入，请核对")
                self.lines.add_issue(row, i, target, message, "date_coarse", Level.WARNING)
        else:
            del values[name]

    def _post(self, i: int, row: PlanRow) -> Draft | None:
        values = self.values[i]
        key = _post_key(values)
        if ("post", *key) not in self.context.shared:
            draft = self._post_draft(values, key)
            if not require(self.lines, i, row, draft):
                return None
            self.context.shared["post", *key] = draft
        return self.context.shared["post", *key]

    def _post_draft(self, values: Mapping[str, Any], key: tuple[str, ...]) -> Draft:
        alike = (next((post for post in self.posts if _agrees(post, one)), None) for one in (values, self._without_titles(values)))
        current = next(filter(None, alike), None) or self._said_in_title(values)
        holders = self.holders[key]
        if current is not None:
            if holders > current["quota"]:
                message = _("岗位「{name}」数量 {quota}，名册里同一天最多 {holders} 人在岗").format(
                    name=current["name"], quota=current["quota"], holders=holders
                )
                self.context.notes[message] = None
            return against("post", current, {name: value for name, value in values.items() if name not in _IDENTIFYING})
        columns = self.lines.binding.columns
        proposed = {"quota": holders} | {name: code for name, code in self._defaults(values) if f"post.{name}" not in columns}
        proposed = {name: value for name, value in proposed.items() if name not in values}
        village = self.titled or self.context.home.default
        made = self.context.new("post", village, proposed | dict(values), proposed=tuple(proposed))
        self.made.append(made)
        return made

    def _told(self, post: Draft) -> Iterator[str]:
        """What to tell of a new post: the values that the roster does not state."""
        name = post.values.get("name")
        if "quota" in post.proposed:
            text = _("新建岗位「{name}」，岗位数量按同一天最多在岗人数记为 {holders}")
            if post.id in self.untyped:
                text = _("新建岗位「{name}」，岗位数量按同一天最多在岗人数记为 {holders}，协议类型记为劳务协议")
            yield text.format(name=name, holders=post.values["quota"])
        shown = (f for f in kind_of("post").fields if f.name in post.proposed and f.name != "quota")
        if defaults := [f"{_(f.label)}：{f.show(post.values[f.name])}" for f in shown]:
            message = _("名册没有写明，新岗位「{name}」先记为 {told}，请事后核对")
            yield message.format(name=name, told=_("、").join(defaults))

    def _without_titles(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values without the fund that a line above the table gives: the post on record may have another."""
        return values if "post.fund" in self.lines.binding.columns else {name: value for name, value in values.items() if name != "fund"}

    def _said_in_title(self, values: Mapping[str, Any]) -> Row | None:
        """The only post whose name contains that in the title, or is the same without 生态 and the like: 生态护林员 of a list of 护林员. A
        河道保洁员 of the title is another than the 保洁员 on record."""
        if "post.name" not in self.lines.binding.title_values:
            return None
        named = str(values["name"])
        alike = [post for post in self.posts if named in post["name"] or post["name"] == _GENERAL.sub("", named)]
        return alike[0] if len(alike) == 1 else None

    @staticmethod
    def _defaults(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """Default values of a new post for columns that the roster lacks; the type is read from the name."""
        sort, name = kind_of("post").by_name["type"], str(values.get("name") or "")
        words = {label: code for code, label in (sort.choices or {}).items() if code != "other"} | dict(sort.synonyms or {})
        return (
            ("type", words[max(said, key=len)] if (said := [word for word in words if word in name]) else "other"),
            ("developer", "other"),
            ("fund", "other"),
        )

    def _appointment(self, i: int, row: PlanRow, person: PersonRef, values: dict[str, Any], term: str) -> Draft | None:
        """The appointment of a row; a second row about it has another agreement (`term`), or is a question."""
        held = self._held(i, person, str(values["post_id"]))
        if held is not None and (values.get("start") is None or "appointment.start" in self.lines.binding.title_values):
            return held
        if values.get("start") is None:
            message = _("没有写明上岗时间，台账里也没有{name}在这个岗位的聘用；请加一列上岗时间再导入").format(name=person.name)
            self.lines.add_issue(row, i, "appointment.start", message, "undated")
            return None
        key = ("appointment", str(values["post_id"]), person.id, str(values["start"]))
        self._claim(i, row, _("与{place}是同一个人在同一岗位"), *key, term)
        same = (a for a in self.appointments.get(person.id, ()) if (a["post_id"], a["start"]) == (values["post_id"], values["start"]))
        current = next(same, None)
        if current is not None:
            return against("appointment", current, values)
        earlier = self.context.shared.get(key)
        if earlier is not None:
            return earlier.amended({})
        draft = self.context.new("appointment", person.village, values)
        self.context.shared[key] = draft
        return draft

    def _going_on(self, person: PersonRef, post: str) -> Row | None:
        """The only appointment that goes on; None if there is none."""
        held = [a for a in self.appointments.get(person.id, ()) if a["post_id"] == post and a["exit_on"] is None]
        return held[0] if len(held) == 1 else None

    def _held(self, i: int, person: PersonRef, post: str) -> Draft | None:
        """The appointment that goes on, as a row without a start of its own completes it."""
        held = self._going_on(person, post)
        return None if held is None else against("appointment", held, self.lines.given("appointment", ("exit_on", "exit_reason"), i))

    def _draft(self, i: int, row: PlanRow, kind: str, appointment: Draft, values: dict[str, Any]) -> list[Draft]:
        values["appointment_id"] = appointment.id
        same = [paper for paper in self.papers[kind].get(appointment.id, ()) if paper["start"] == values.get("start")]
        if same:
            given = values if kind != "agreement" or self.lines.has("agreement.type") else {n: v for n, v in values.items() if n != "type"}
            return [against(kind, same[0], given)]
        draft = self.context.new(kind, appointment.village, values)
        require(self.lines, i, row, draft)
        return [draft]


def _completed(rows: Mapping[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """The post values of each row. Identifying fields that a row lacks are taken from another row with the same values otherwise."""
    full = {_post_key(values): values for values in rows.values() if all(name in values for name in _IDENTIFYING)}
    found = {}
    for i, values in rows.items():
        alike = next((other for other in full.values() if _agrees(other, values)), None)
        found[i] = values if alike is None else {name: alike[name] for name in _IDENTIFYING} | values
    return found


def _agrees(post: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether a post has the same name and the same identifying fields as far as `values` has them."""
    return plain(post["name"]) == plain(values.get("name") or "") and all(
        post[name] == values[name] for name in _IDENTIFYING[1:] if values.get(name) is not None
    )


def _post_key(values: Mapping[str, Any]) -> tuple[str, ...]:
    return (plain(values.get("name") or ""), *(str(values.get(name)) for name in _IDENTIFYING[1:]))


_LEAVES = re.compile("退|减少|调出|解聘|辞|离岗|终止|清退|减员")
_COMES = re.compile("新增|增加|上岗|聘用|补录|调入|增员|新聘")
SORT, DAY, WHY = "change.sort", "change.on", "change.reason"


class PostChangeMaker(PeopleMaker):
    """Makes the rows of one list of people who leave or take up posts."""

    reads: tuple[str, ...] = ("person.", "post.name", "change.", "area.")

    def _ask(self, ready: Ready) -> str:
        known = self.context.known
        self.appointments = known.children("appointment", "person_id", {person.id for _i, _row, person in ready})
        self.posts = {row["id"]: row for row in known.all("post")}
        return _("核对公益岗台账")

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        lines = self.lines
        sort = lines.text(SORT)[i] if lines.has(SORT) else _("退出")  # a list of those who leave
        day, named = lines.values(DAY)[i], plain(lines.text("post.name")[i])
        leaves, comes = bool(_LEAVES.search(sort)), bool(_COMES.search(sort))
        if leaves == comes:
            lines.add_issue(row, i, SORT, _("看不出是上岗还是退岗，请写新增或退出"), "choice")
        elif day is None:
            lines.add_issue(row, i, DAY, _("没有写明变动的日期"), "required")
        elif leaves:
            self._leave(i, row, person, day, named)
        else:
            self._come(i, row, person, day, named)

    def _held(self, person: PersonRef, named: str) -> list[Row]:
        rows = self.appointments.get(person.id, ())
        return [row for row in rows if not named or plain(self.posts.get(row["post_id"], {}).get("name") or "") == named]

    def _leave(self, i: int, row: PlanRow, person: PersonRef, day: str, named: str) -> None:
        lines = self.lines
        held = [one for one in self._held(person, named) if one["start"] <= day and one["exit_on"] in (None, day)]
        if len(held) != 1:
            message = _("{name}没有这个岗位的在岗记录") if not held else _("{name}有不止一条在岗记录，请写明岗位")
            lines.add_issue(row, i, "post.name", message.format(name=person.name), "reference")
            return
        values: dict[str, Any] = {"exit_on": day}
        if reason := lines.text(WHY)[i]:
            values["exit_reason"] = reason
        row.drafts = [against("appointment", held[0], values)]

    def _come(self, i: int, row: PlanRow, person: PersonRef, day: str, named: str) -> None:
        lines = self.lines
        posts = [post for post in self.posts.values() if plain(post["name"]) == named]
        same = next((one for one in self._held(person, named) if one["start"] == day), None)
        if same is not None:
            row.drafts = [against("appointment", same, {})]
        elif len(posts) != 1:
            message = _("找不到岗位「{name}」，请先导入公益性岗位台账") if not posts else _("有不止一个岗位叫「{name}」，请在公益岗页登记")
            lines.add_issue(row, i, "post.name", message.format(name=lines.text("post.name")[i]), "reference")
        else:
            draft = self.context.new("appointment", person.village, {"post_id": posts[0]["id"], "person_id": person.id, "start": day})
            self._claim(i, row, _("与{place}是同一个人在同一岗位"), "appointment", posts[0]["id"], person.id, day)
            require(lines, i, row, draft)
            row.drafts = [draft]
