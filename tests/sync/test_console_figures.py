"""The county's figures in the web console: they equal what the desktop shows on the same records, and lead to those records."""

from __future__ import annotations

import csv
import random
import re
from collections import defaultdict
from io import BytesIO, StringIO
from typing import Any

import httpx2
import openpyxl
import pytest
from sqlalchemy import select

from db import changes
from db.erased import erased
from db.exchange import device
from db.mapping import table
from db.session import Session
from db.store import Store
from domain.fields import KINDS
from domain.periods import add_months
from server.console import accounts, figures
from server.serve import running
from services import training
from services.claims import claims
from services.posts import pay, posts
from services.quality import overview
from services.reports import month_figures, monthly
from services.reports.month_figures import FIGURES
from services.workshop import wages, workshop
from tests.sync.conftest import COUNTY, TOWNSHIP, VILLAGE, World, add, both, person_values
from tests.sync.test_console import PASSWORD, Browser, cheap_passwords

pytestmark = both
__all__ = ["cheap_passwords"]
VILLAGES = (VILLAGE, "230826101203", "230826102201")


@pytest.fixture
def browser(world: World) -> Browser:
    with world.county.write() as session:
        accounts.add(session, "王局长", "admin", PASSWORD, issued=False)
    browser = Browser(world.county)
    browser.sign_in()
    return browser


@pytest.fixture
def month(world: World) -> str:
    with world.county.read() as session:
        return session.today[:7]


def fill(session: Session, month: str) -> None:
    """Records of every sort in three villages of two townships, some of them of the month before."""
    rng, before, rows = random.Random(7), add_months(month, -1), defaultdict[str, list[dict[str, Any]]](list)

    def made(kind: str, village: str, **values: Any) -> str:
        id = session.new_id()
        rows[kind].append({"id": id, "village": village, **(person_values(**values) if kind == "person" else values)})
        return id

    units = [made("employer", COUNTY, name=f"车间{n}", type="workshop", place=COUNTY) for n in range(2)]
    units.append(made("employer", COUNTY, name="公司", type="company", place=COUNTY))
    post = made("post", COUNTY, name="保洁", type="cleaner", quota=20, developer="hrss", fund="employment", standard=50000)
    course = [
        made("course", COUNTY, title=f"班{n}", trade="电工", type="skills", start=f"{each}-01", end=f"{each}-02")
        for n, each in enumerate((month, month, before))
    ]
    for n in range(60):
        village = VILLAGES[n % 3]
        born = f"{rng.choice((1960, 1990, 2020))}-03-01"
        phone = "13812345678" if rng.random() < 0.6 else None
        id = made("person", village, name=f"人{n}", birth=born, phone=phone, labour=rng.choice(("ordinary", "lost")))
        category = rng.choice(("lifted", "lifted_unstable", "marginal", "low_income", "ordinary"))
        made("category_span", village, person_id=id, category=category, start="2020-01-01")
        channel, place = rng.choice((("workshop", COUNTY), ("migrant", "110000"), ("migrant", "230100"), ("flexible", "230881")))
        start = rng.choice((f"{month}-01", f"{before}-01", "2024-05-01"))
        job = made(
            "employment",
            village,
            person_id=id,
            channel=channel,
            place=place,
            start=start,
            employer_id=units[n % 3] if channel == "workshop" or n % 4 == 0 else None,
        )
        for paid in (month, before):
            made("wage", village, employment_id=job, month=paid, paid_on=paid, amount=rng.randint(1000, 4000) * 100)
        if n % 4 == 0:
            held = made("appointment", village, post_id=post, person_id=id, start=f"{before}-01")
            for paid in (month, before):
                made("post_pay", village, appointment_id=held, month=paid, amount=50000, paid_on=f"{paid}-01")
        outcome, number = rng.choice((("completed", "A1"), ("completed", None), ("dropped", None)))
        made("enrolment", village, course_id=course[n % 5 % 3], person_id=id, outcome=outcome, certificate=number)
        for on in (f"{month}-01", f"{before}-20"):
            result = rng.choice((None, "unreached"))
            made("service", village, person_id=id, type=rng.choice(("guidance", "job", "policy")), on=on, result=result)
        filed = rng.choice((f"{month}-01", f"{before}-10"))
        values = {"rule": "R1", "pack": "p", "pack_version": "1", "year": int(month[:4]), "outcome": "eligible", "amount": 10_000 * (n + 1)}
        made("claim", village, person_id=id, filed_on=filed, **values)
    for kind, each in rows.items():
        changes.insert(session, kind, each)


@pytest.fixture
def filled(world: World, month: str) -> Store:
    """A laptop of the county, which has sent records of every sort."""
    county = world.station("县", COUNTY)
    with county.write("录入") as session:
        fill(session, month)
    world.sync()
    return county


@pytest.fixture
def stations(world: World, filled: Store) -> dict[str, Store]:
    """The laptops of the county and of one township, which both have everything of theirs."""
    town = world.station("镇", TOWNSHIP)
    world.settle()
    return {COUNTY: filled, TOWNSHIP: town}


def counted(world: World, month: str, scope: str) -> dict[str, int]:
    """The figures of the county's database for a place: of the whole county, or a township's total line."""
    with world.county.read() as session:
        found = month_figures.counted(figures.at_county(session), month)
    return dict(month_figures.lines(found, "" if scope == COUNTY else scope)[-1].figures)


def of_desktop(session: Session, month: str) -> dict[str, int]:
    """The same figures as the pages of the desktop have them."""
    day = monthly.counted_on(session, month)
    report = monthly.report(session, month).total.figures
    found = {name: report[name] for name in FIGURES if FIGURES[name].rows is None}
    quality = overview.total(overview.overview(session), session.scope)
    found |= {"people": quality.people, **quality.missing}
    units = workshop.workshops(session, day)
    sheets = [wages.wage_sheet(session, one.employer.id, int(month[:4]), on=day, period_start="01-01") for one in units]
    found["wages"] = sum(sheet.month_totals()[sheet.months.index(month)] for sheet in sheets)
    found["post_pay"] = sum(line.paid.amount for line in pay.month(session, month) if line.paid is not None)
    assert found["post"] == sum(line.holders for line in posts.posts(session, day))
    courses = [line for line in training.courses(session) if line.course.start[:7] == month]
    found["trained"] = sum(line.enrolled - line.outcomes.get("dropped", 0) for line in courses)
    found["certified"] = sum(line.certified for line in courses)
    filed = [each.claim for each in claims.listing(session) if (each.claim.filed_on or "")[:7] == month]
    return found | {"filed": len(filed), "filed_sum": sum(claim.amount for claim in filed)}


@pytest.mark.parametrize("scope", [COUNTY, TOWNSHIP])
def test_the_figures_are_those_of_the_desktop(world: World, stations: dict[str, Store], month: str, scope: str) -> None:
    for each in (month, add_months(month, -1)):
        with stations[scope].read() as session:
            theirs = of_desktop(session, each)
        ours = counted(world, each, scope)
        if each != month:  # the overview of data quality is as of today
            theirs = {name: number for name, number in theirs.items() if name not in ("people", *overview.MISSING)}
        assert {name: ours[name] for name in theirs} == theirs
        assert not [name for name in ("working", "outside", "workshop", "wages", "post_pay", "trained", "filed") if not theirs[name]]


def test_every_line_adds_up_and_every_figure_has_its_records(world: World, filled: Store, month: str) -> None:
    with world.county.read() as session:
        here = figures.at_county(session)
        found = month_figures.counted(here, month)
        for town in ("", TOWNSHIP):
            *lines, total = month_figures.lines(found, town)
            assert [line.area.code for line in lines] == (["230826101", "230826102"] if not town else [VILLAGES[0], VILLAGES[1]])
            for name, figure in FIGURES.items():
                assert sum(line.figures[name] for line in lines) == total.figures[name]
                for line in (*lines, total):
                    rows = session.conn.execute(month_figures.behind(here, month, figure, line.area)).all()
                    number = sum(row.amount for row in rows) if figure.money else len(rows)
                    assert number == line.figures[name] and len({row.id for row in rows}) == len(rows), (name, line.area)
                    kind = KINDS[figure.kind]
                    assert not rows or session.get(kind, rows[0].id) is not None


def test_claims_approved_and_paid_in_the_month(world: World, month: str) -> None:
    county, before = world.station("县", COUNTY), add_months(month, -1)
    values = {"rule": "R1", "pack": "p", "pack_version": "1", "year": int(month[:4]), "outcome": "eligible", "amount": 30_000}
    ids = [add(county, "claim", VILLAGE, filed_on=f"{before}-02", person_id=add(county, village=VILLAGE), **values) for _n in range(3)]
    with county.write("办理") as session:
        last = f"{before}-30T23:00:00Z" if before[5:] in ("04", "06", "09", "11") else f"{before}-28T10:00:00Z"
        times = {ids[0]: f"{month}-01T02:00:00Z", ids[1]: f"{before}-10T02:00:00Z", ids[2]: last}
        steps = (
            {"id": session.new_id(), "village": VILLAGE, "claim_id": id, "to_state": "approved", "by": "x@y", "at": at}
            for id, at in times.items()
        )
        changes.insert(session, "claim_step", list(steps))
        paid = ((ids[0], f"{month}-01", "ok"), (ids[1], f"{month}-01", "failed"), (ids[2], f"{before}-20", None))
        changes.insert(
            session,
            "payment",
            [
                {
                    "id": session.new_id(),
                    "village": VILLAGE,
                    "claim_id": id,
                    "amount": 30_000,
                    "fund": "employment",
                    "paid_on": on,
                    "bank_result": ok,
                }
                for id, on, ok in paid
            ],
        )
    with county.read() as session:  # the county's server would refuse steps that skip others: here only what is counted matters
        ours = month_figures.lines(month_figures.counted(session, month))[-1].figures
    night = 1 if before[5:] in ("04", "06", "09", "11") else 0  # seven in the morning of the first, in China
    assert (ours["approved"], ours["approved_sum"]) == (1 + night, 30_000 * (1 + night))
    assert (ours["paid"], ours["paid_sum"], ours["filed"]) == (1, 30_000, 0)


# -- the page ------------------------------------------------------------------------------------------------------------


def test_a_figure_leads_to_its_records(world: World, browser: Browser, filled: Store, month: str) -> None:
    page = browser.get("/figures")
    assert "横头山镇" in page and page.count('<tr class="total">') == len(month_figures.GROUPS) + 1
    ours = counted(world, month, COUNTY)
    town = re.search(rf'href="/console/figures\?month={month}&town={TOWNSHIP}', page)
    assert town is not None and "解放村" not in page and "解放村" in browser.get("/figures", town=TOWNSHIP)
    to = re.search(r'href="/console(/figures/behind)\?(month=[\d-]+&late=30&figure=filed_sum)"', page)
    assert to is not None
    listed = browser.get(to[1], **dict(part.split("=") for part in to[2].split("&")))
    assert f"共 {ours['filed']} 条，合计 {ours['filed_sum'] // 100:,}" in listed and listed.count("/console/ledgers/claim/") == min(
        ours["filed"], 50
    )
    people = browser.get("/figures/behind", month=month, figure="people")
    assert "138****5678" in people and "13812345678" not in people and "下一页" in people
    second = browser.get("/figures/behind", month=month, figure="people", page="2")
    assert "上一页" in second and second.count("/console/ledgers/person/") == 10


def test_a_figure_over_twelve_months(world: World, browser: Browser, filled: Store, month: str) -> None:
    months = [add_months(month, -n) for n in (3, 2, 1, 0)]
    with world.county.write() as session:
        p, e = table("person"), table("employment")
        some = [*session.conn.execute(select(e.c.person_id).limit(1)).scalars(), *session.conn.execute(select(p.c.id).limit(1)).scalars()]
        session.conn.execute(p.update().where(p.c.id.in_(some)).values(died_on=f"{months[1]}-10"))
    with world.county.read() as session:
        here = figures.at_county(session)
        each = {at: month_figures.counted(here, at).villages for at in months}
        for name, figure in FIGURES.items():
            theirs = {at: {village: numbers[name] for village, numbers in each[at].items() if numbers.get(name)} for at in months}
            ours = month_figures.over_months(here, months, figure)
            assert {at: {village: number for village, number in found.items() if number} for at, found in ours.items()} == theirs, name
    assert each[months[0]] != each[months[1]] != each[months[2]]
    page = browser.get("/figures")
    assert f'<a href="/console/figures/trend?month={month}&figure=filed_sum">' in page.replace("&amp;", "&")
    assert f"trend?month={month}&figure=phone" not in page.replace("&amp;", "&")
    total = counted(world, month, COUNTY)["filed_sum"] // 100
    shown = browser.get("/figures/trend", figure="filed_sum", month=month)
    assert shown.count("<rect ") == 12 and f">{total:,}</text>" in shown and f"{total:,}.00" in shown
    assert f">{month[2:]}</a>" in shown and "2 个月" not in shown and "横头山镇" in shown and "解放村" not in shown
    assert "解放村" in browser.get("/figures/trend", figure="filed_sum", town=TOWNSHIP)
    assert browser.get("/figures/trend", figure="people").count(">合计<") == 1
    assert "都没有" in browser.get("/figures/trend", figure="filed", month="2019-05")
    for query in (
        {"figure": "nothing"},
        {"figure": "phone"},
        {"figure": "filed", "month": "2999-01"},
        {"figure": "filed", "town": "1'"},
    ):
        browser.get("/figures/trend", **query)
        assert browser.reply.status in (400, 404), query


def test_the_overview_counts_the_same_people(world: World, browser: Browser, filled: Store, month: str) -> None:
    with world.county.write() as session:
        people = [person.id for person in session.select("person", table("person").c.village == VILLAGE)]
        for id, values in ((people[0], {"died_on": f"{month}-01"}), (people[1], {"merged_into": people[2]})):
            session.conn.execute(table("person").update().where(table("person").c.id == id).values(values))
        gone = {"scope": VILLAGE, "kind": KINDS["person"].number, "row_id": people[3], "seq": 1, "at": "", "reason": "", "fields": "{}"}
        session.conn.execute(erased.insert().values(gone))
    with world.county.read() as session:
        lines = month_figures.lines(month_figures.counted(figures.at_county(session), month))
    assert lines[0].area.code == TOWNSHIP and lines[0].figures["people"] == 40 - 3
    said = re.findall(r'href="/console(/figures/behind)\?figure=people&area=(\d+)">(\d+)<', browser.get("/"))
    assert [(area, int(n)) for _path, area, n in said] == [(one.area.code, one.figures["people"]) for one in lines[:-1]]
    for path, area, n in said:
        assert f"共 {n} 条" in browser.get(path, figure="people", area=area)


def test_what_cannot_be_counted_is_said(browser: Browser) -> None:
    page = browser.get("/figures")
    assert "还没有交来记录" in page and "全县" in page and "000000" not in page and browser.reply.status == 200
    for query in ({"month": "2999-01"}, {"month": "2026-1'"}, {"town": "99999999x"}, {"town": VILLAGE}, {"month": "x" * 9000}):
        browser.get("/figures", **query)
        assert browser.reply.status in (400, 404), query
    for query in ({"figure": "nothing"}, {"figure": "people", "month": "1"}):
        browser.get("/figures/behind", **query)
        assert browser.reply.status in (400, 404), query
    browser.get("/figures/behind", figure="people", area="'\"<", own="x", page="9" * 9)
    assert browser.reply.status == 200


def test_a_month_typed_with_wide_digits_is_that_month(world: World, browser: Browser, filled: Store, month: str) -> None:
    wide = month.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    browser.get("/figures.csv", month=wide)
    typed, content = browser.reply, browser.reply.content
    browser.get("/figures.csv", month=month)
    assert typed.status == 200 and (content, typed.file) == (browser.reply.content, browser.reply.file)
    for figure in ("wishing", "approved"):
        assert browser.get("/figures/behind", month=wide, figure=figure) and browser.reply.status == 200


def test_nobody_asked_is_not_nobody_who_wants_work(
    world: World, browser: Browser, stations: dict[str, Store], month: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "_FRESH", -1.0)

    def said(**query: str) -> list[str]:
        browser.get("/figures.csv", month=month, **query)
        return [row["有意愿未就业"] for row in csv.DictReader(StringIO(browser.reply.content.decode("utf-8-sig")))]

    assert said() == ["—"] * 4 and ">—<" in browser.get("/figures", month=month)
    with world.county.read() as session:
        person = session.select("person", table("person").c.village == VILLAGE)[0].id
    add(stations[COUNTY], "monthly_check", VILLAGE, person_id=person, month=month, status="away")
    world.sync()
    assert said() == ["—", "0", "—", "0"] and said(town=TOWNSHIP) == ["—", "0", "—", "0"]
    trend = browser.get("/figures/trend", figure="wishing", month=month)
    assert "都没有" in trend
    add(stations[COUNTY], "job_wish", VILLAGE, person_id=add(stations[COUNTY], village=VILLAGE), opened_on=f"{month}-01")
    world.sync()
    trend = browser.get("/figures/trend", figure="wishing", month=month)
    assert said() == ["—", "1", "—", "1"] and ">—<" in trend
    assert re.findall(r"<text[^>]*>([^<-]*)</text>", trend) == ["—"] * 11 + ["1"]  # over the bars of the chart, as in the table


def test_every_computer_has_a_row(world: World, browser: Browser) -> None:
    for name, scope in (("县", COUNTY), ("镇", TOWNSHIP), ("甲", VILLAGE), ("乙", VILLAGES[1])):
        world.station(name, scope)
    for query in ({}, {"town": TOWNSHIP}):
        browser.get("/figures.csv", **query)
        *rows, total = (int(row["在用的电脑"]) for row in csv.DictReader(StringIO(browser.reply.content.decode("utf-8-sig"))))
        assert sum(rows) == total == (3 if query else 4)


def test_a_code_made_for_another_county_moves_nobody(world: World, filled: Store, month: str) -> None:
    before = counted(world, month, COUNTY)
    world.code("230822")
    assert counted(world, month, COUNTY) == before and before["county"] and before["outside"]


def test_computers_that_stay_away_are_counted(world: World, browser: Browser) -> None:
    for name, village in (("甲", VILLAGE), ("乙", "230826102201")):
        add(world.station(name, village))
    world.sync()
    with world.county.write() as session:
        session.conn.execute(device.update().where(device.c.scope == VILLAGE).values(last_sync=session.ago(10)))
    assert "late=9" in browser.get("/figures", late="9")
    assert f"place={TOWNSHIP}&late=9" in browser.get("/figures", late="9") and f"place={TOWNSHIP}&late=11" not in browser.get(
        "/figures", late="11"
    )


def test_figures_are_counted_again_when_something_came_in(world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk = world.station("甲")
    add(clerk)
    world.sync()
    calls: list[str] = []
    count = month_figures.counted

    def watched(session: Session, month: str) -> month_figures.Counted:
        calls.append(month)
        return count(session, month)

    monkeypatch.setattr(month_figures, "counted", watched)
    first = browser.get("/figures")
    assert browser.get("/figures") == first and len(calls) == 1
    add(clerk)
    world.sync()
    browser.get("/figures")
    assert len(calls) == 1  # within the minute
    monkeypatch.setattr(figures, "_FRESH", 0.0)
    browser.get("/figures")
    browser.get("/figures", town=TOWNSHIP)
    assert len(calls) == 2
    browser.get("/figures", month="x" * 50)
    assert len(calls) == 3 and len(browser.console._kept) == 1


def test_the_files_hold_the_figures_and_no_formula(world: World, browser: Browser, filled: Store, month: str) -> None:
    ours = counted(world, month, COUNTY)
    browser.get("/figures.xlsx")
    sheet = openpyxl.load_workbook(BytesIO(browser.reply.content)).active
    assert sheet is not None
    cells = [[str(cell.value) for cell in row] for row in sheet.iter_rows(min_row=2)]
    browser.get("/figures.csv")
    text = browser.reply.content.decode("utf-8-sig")
    rows = list(csv.reader(StringIO(text)))
    for head, *lines in (cells, rows):
        for name, label in (("filed", "申请笔数"), ("working", "已务工")):
            assert int(lines[-1][head.index(label)]) == ours[name]
        assert float(lines[-1][head.index("申请金额（元）")]) == ours["filed_sum"] / 100
    assert len(cells) == len(rows) == 5 and "人1" not in text


def test_a_hostile_name_of_a_place_stays_text(world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    add(world.station("甲"))
    world.sync()
    monkeypatch.setattr("domain.divisions.name", lambda _code: '=HYPERLINK("http://x")')
    browser.get("/figures.csv")
    assert "'=HYPERLINK" in browser.reply.content.decode("utf-8-sig")
    browser.get("/figures.xlsx")
    sheet = openpyxl.load_workbook(BytesIO(browser.reply.content)).active
    assert sheet is not None and all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_a_file_is_sent_as_a_file(world: World, browser: Browser) -> None:
    with running(world.county) as url, httpx2.Client(base_url=url, timeout=60) as client:
        client.post("/console/sign-in", data={"name": "王局长", "password": PASSWORD})
        answer = client.get("/console/figures.csv", params={"month": "2026-01"})
        assert answer.headers["content-type"].startswith("text/csv") and answer.headers["x-content-type-options"] == "nosniff"
        assert "attachment; filename*=UTF-8''" in answer.headers["content-disposition"] and answer.headers["cache-control"] == "no-store"
        assert httpx2.get(f"{url}/console/figures.csv", timeout=60).status_code == 303
