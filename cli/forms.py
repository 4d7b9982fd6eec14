"""`report` for forms: applications, notices, rosters and letters, as `.xlsx`, `.docx` or PDF; notices also as a web page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli.access import opened, reason, viewed
from cli.console import picked, table
from cli.program import Answer, Call, Usage
from domain.errors import NotFound
from domain.words import N_, _, lazy, page_word
from services import forms

if TYPE_CHECKING:
    from db.session import Session

NAMES = {name: entry.title for name, entry in forms.CATALOGUE.items()}
"""Form titles by the names that `report` accepts."""
_OF = {
    "claim": N_("哪一笔申请"),
    "notice": N_("哪一次公示"),
    "employer": N_("哪一个单位"),
    "person": N_("哪一个人"),
    "survey": N_("哪一份摸排表"),
}


def form(call: Call) -> Answer:
    """Write a form; `--id` names the record it is about, if any."""
    args, entry = call.args, forms.CATALOGUE[call.args.name]
    suffix = Path(args.file).suffix.lower() if args.file else ""
    if suffix not in (".xlsx", ".docx", ".pdf", ".html") or (suffix == ".html" and args.name != "notice_form"):
        raise Usage(_("请写明文件名：report NAME FILE.xlsx、FILE.docx 或 FILE.pdf（公示也可写成 .html）"))
    if entry.about and not args.id:
        raise Usage(_("请用 --id 写明是{what}。").format(what=_(_OF[entry.about])))
    made, own = _made(call)
    return _written(call, made, own, call.target(args.file), suffix)


def takes(name: str) -> set[str]:
    """The options among `--id`, `--year` and `--month` that a form takes."""
    entry = forms.CATALOGUE[name]
    return {"id" if entry.about else "", entry.takes} - {""}


def targets(call: Call) -> Answer:
    """Show the progress of a year's targets, as a table or JSON."""
    from services.reports.targets import progress

    with opened(call) as store, store.read() as session:
        found = progress(session, call.args.year)
    value = [picked(one, "id year area indicator") | {"target": one.value} | picked(one, "own done percent left note") for one in found]
    head = (_("地区"), _("指标"), _("目标数"), _("完成数"), _("完成率"), _("还差"), _("说明"))
    shown = [(one.name, one.indicator, one.value, *map(_dash, (one.done, one.percent, one.left)), one.note) for one in found]
    rows = [(*row[:4], f"{row[4]}%" if row[4] != "—" else "—", *row[5:]) for row in shown]
    return Answer(value, table(head, rows) if found else _("这一年没有登记目标（记录类型 target）。"))


def contacts(call: Call) -> Answer:
    """List everybody to keep in touch with, and how long ago the last contact was."""
    from services.contacts import WAYS, board

    with viewed(call, "contacts") as (session, plain):
        found = board(session, call.args.month, plain=plain)
    value = [
        {
            "person_id": one.id,
            **picked(one, "name village"),
            **{name: text or None for name, text in picked(one, "group category phone last way").items()},
            "months": one.months,
            "times": {month: sorted(ways) for month, ways in sorted(one.times.items())},
        }
        for one in found
    ]
    head = (_("姓名"), _("村"), _("小组"), _("人员类别"), _("联系电话"), _("最近联系"), _("方式"), _("没联系的月数"))
    rows = [
        (one.name, one.place, one.group, one.category, one.phone, one.last or "—", _(WAYS[one.way]) if one.way else "", _dash(one.months))
        for one in found
    ]
    return Answer(value, table(head, rows) if found else _("没有要联系的人。"))


def contact_villages(call: Call) -> Answer:
    """Show how many people of each village were contacted in the month, and how many have not been for long."""
    from services.contacts import LATE, reach

    with opened(call) as store, store.read() as session:
        found = reach(session, call.args.month)
    late = _("{n} 个月以上没联系").format(n=LATE)
    head = (_("村"), _("应联系"), _("本月已联系"), _("一两个月没联系"), late, _("没有联系记录"))
    rows = [(one.name, one.people, one.reached, one.recent, one.late, one.never) for one in found]
    return Answer([asdict(one) for one in found], table(head, rows) if found else _("没有要联系的人。"))


def quality(call: Call) -> Answer:
    """Show what the data checks find in each village, and the most frequent gaps in its people's records."""
    from services.quality.overview import MISSING, SEVERITIES, overview

    with opened(call) as store, store.read() as session:
        found = overview(session)
    value = [{**asdict(one), "rules": dict(sorted(one.rules.items())), "rate": one.rate} for one in found]
    head = (_("村"), page_word("人员"), _("错误"), _("疑点"), _("提示"), _("每百人错误"), *map(_, MISSING.values()))
    rows = [(one.name, one.people, *(one.counts[name] for name in SEVERITIES), one.rate, *one.missing.values()) for one in found]
    return Answer(value, table(head, rows) if found else _("没有人员，也没有问题。"))


def workload(call: Call) -> Answer:
    """Show the data entry effort of each station in the month, and how many survey questions asked for what is on record."""
    from services.reports.workload import workload as found_in

    with opened(call) as store, store.read() as session:
        found = found_in(session, call.args.month or session.today[:7])
    value = [{**asdict(one), "kinds": {name: round(minutes, 1) for name, minutes in sorted(one.kinds.items())}} for one in found]
    head = (
        _("单位"),
        _("录入天数"),
        _("单笔录入"),
        _("成批录入"),
        _("改动"),
        _("估计小时"),
        _("单笔每条分钟"),
        _("摸排问题"),
        _("台账已有"),
    )
    rows = [
        (one.name, one.days, one.single, one.batch, one.changed, round(one.minutes / 60, 1), one.each, one.questions, len(one.repeated))
        for one in found
    ]
    return Answer(value, table(head, rows) if found else _("这个月没有录入，也没有摸排。"))


SHOWN: Final[Mapping[str, Callable[[Call], Answer]]] = {
    "targets": targets,
    "contacts": contacts,
    "contact_villages": contact_villages,
    "quality": quality,
    "workload": workload,
}
"""Reports shown on the screen, or with `--json` as data, if no file is named."""


def _dash(number: int | None) -> str:
    return "—" if number is None else str(number)


def _made(call: Call) -> tuple[forms.Form, bytes | None]:
    """The form, and the county's own layout for it, if any."""
    args, why = call.args, reason(call)
    with opened(call) as store, store.read() if why is None else store.applying() as session:  # not read-only if it logs the view
        made = forms.make(session, args.name, args.id or "", year=args.year, month=args.month, reason=why)
        return made, forms.own_template(session, call.home, args.name)


def _written(call: Call, made: forms.Form, own: bytes | None, file: Path, suffix: str) -> Answer:
    if suffix == ".pdf":
        from desktop.paper.document import Paper, write_pdf  # besides ledgers and the window, the only command that loads Qt

        pages = write_pdf(Paper(made), file)
        return Answer({"file": str(file), "pages": pages}, _("已写出 {pages} 页：{file}").format(pages=pages, file=file))
    rows = forms.write(made, file, name=call.args.name, own=own)
    return Answer({"file": str(file), "rows": rows}, _("已写出 {rows} 行：{file}").format(rows=rows, file=file))


def template(call: Call) -> Answer:
    """`template list`, `blank`, `set` or `drop`: a county's own workbook or Word document as the layout of a form."""
    from services.forms import templates

    args = call.args
    given = args.file if args.action == "set" else Path(args.file or "").suffix.lower() in (templates.EXCEL, templates.WORD)
    if (args.action != "list" and not args.name) or (args.action in ("blank", "set") and not given):
        raise Usage(_("请写明：template blank|set NAME FILE.xlsx 或 FILE.docx，或 template drop NAME"))
    if args.action == "blank":
        templates.blank(args.name, call.target(args.file))
        return Answer({"file": args.file}, _("已写出样表：{file}。改好后用 template set 换上。").format(file=args.file))
    if args.action == "set":
        templates.keep(call.home, args.name, Path(args.file))
    elif args.action == "drop":
        templates.drop(call.home, args.name)
    found = {name: templates.of(call.home, name) for name in NAMES}
    value = [{"name": name, "title": _(title), "own": found[name] is not None} for name, title in NAMES.items()]
    rows = [(name, _(title), f"{_('本县样表')} {own.suffix}" if (own := found[name]) is not None else "") for name, title in NAMES.items()]
    return Answer(value, table((_("表"), _("名称"), _("样表")), rows))


def issue(call: Call) -> Answer:
    """`cunzhan-server template publish|withdraw`: the county's layout of a form, signed and written to its log for every station."""
    from cli.county_access import Keep, acted
    from cli.county_access import opened as county_opened
    from services.forms import issued_templates
    from services.office_files.reading import load
    from sync.county.acts.authoring import author, county_scopes, insertion, lock
    from sync.county.keys import county_keys

    args = call.args
    if (args.action == "publish") != bool(args.file):
        raise Usage(_("请写明：template publish NAME FILE.xlsx 或 FILE.docx，或 template withdraw NAME"))
    data = load(Path(args.file)) if args.file else None
    with county_opened(call) as county:
        keys = county_keys(county)

        def written(session: Session, keep: Keep) -> tuple[int, list[str]]:
            scopes = county_scopes(session)
            lock(session, scopes)  # two administrators who publish at once get a version each
            if data is None and args.name in NAMES and not issued_templates.issued(session, args.name, keys.signing.verify_key):
                raise NotFound(_("没有下发过{title}的样表，没有可收回的。什么都没有改变。").format(title=_(NAMES[args.name])))
            version = issued_templates.next_version(session, args.name, keys.signing.verify_key)
            record = issued_templates.as_record(args.name, version, issued_templates.signed(args.name, data, version, keys.signing))
            for scope in scopes:
                author(session, keys, scope, [insertion(session, "policy_pack", record)])
            words = N_("下发样表：{title}，第 {n} 版") if data else N_("收回样表：{title}")
            keep(lazy(words, title=lazy(NAMES[args.name]), n=version))
            return version, scopes

        version, scopes = acted(county, written)
    title = _(NAMES[args.name])
    text = _("已签名：{title}的样表第 {n} 版。") if data else _("已收回：{title}的样表。")
    note = _("各站下次同步时收到。") if scopes else _("还没有站注册，有站注册后再发一次。")
    if args.json and not scopes:
        call.console.say(note)
    return Answer({"name": args.name, "version": version, "bytes": len(data or b"")}, text.format(title=title, n=version) + note)
