"""Audit commands: whether the log is as sealed, what was done at this laptop, and who saw masked data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from cli import access, county_access
from cli.console import table
from cli.program import Answer, Call, Usage
from db import acts, contents, unmasked
from db.session import Session
from domain import clock
from domain.errors import NotFound, StoreDamaged
from domain.fields import KINDS, kind_of
from domain.grouping import by_key
from domain.words import N_, _

_MAX_NAMED = 20
_ID = 36  # characters of a record's id
_SEEN = {
    "form": N_("表"),
    "dossier": N_("审计包"),
    "payment sheet of": N_("拨付清单，笔数"),
    "phones of": N_("电话，个数"),
    "numbers in the window": N_("窗口里的完整号码"),
    "conflict": N_("要核对的冲突"),
    "conflicts": N_("要核对的冲突"),
    "held": N_("搁置的改动"),
    "contacts": N_("联系电话"),
    "changes": N_("关键信息变更"),
    "history": N_("修改记录"),
    "export": N_("导出"),
    "fill": N_("填表"),
    "roster": N_("花名册"),
    "wages": N_("工资表"),
    "all": N_("全部"),
}
"""What the log of views calls things, by which programs read it, in words."""
_DONE = {"I": N_("新增"), "U": N_("修改"), "D": N_("删除"), "R": N_("恢复")}


def audit(call: Call) -> Answer:
    """`audit verify`, `audit views` and `audit acts [NUMBER]` at a station."""
    if call.args.number is not None and call.args.action != "acts":
        raise Usage(_("编号只和 audit acts 一起写。"))
    with access.opened(call) as store, store.read() as session:
        if call.args.action == "verify":
            return _verify(session)
        if call.args.action == "views":
            return _views(session, unmasked.views_lost(session))
        return _acts(session) if call.args.number is None else _rows(session, call.args.number)


def county(call: Call) -> Answer:
    """`audit views`, `audit acts` and `audit records` at the county; its log is verified by `check`."""
    if call.args.action == "records":
        return _records(call)
    with county_access.opened(call) as opened, opened.read() as session:
        return _views(session, 0) if call.args.action == "views" else _administered(session)


def _records(call: Call) -> Answer:
    """Replay the whole log and list the records that differ from the result: they were altered behind the program's back."""
    from sync.county.recovery.replaying import altered

    with county_access.opened(call) as county:
        found = altered(county, call.console.progress)
    if not found:
        return Answer([], _("县里的每条记录都与存档算出来的一样。"))
    how = {"changed": _("被改过"), "added": _("存档里没有"), "missing": _("少了"), "history": _("改动历史被改过")}
    how |= {"held": _("搁置的改动被改过"), "conflict": _("冲突被改过"), "author": _("谁填的被改过")}
    head = (_("村"), _("类型"), _("编号"), _("怎样"), _("字段"))
    rows = [
        (a.village, _(kind_of(a.kind).label) if a.kind else "", a.id, how[a.how], _("、").join(_labels(a.kind, a.fields))) for a in found
    ]
    message = _(
        "有 {n} 条记录与存档不一样：有人绕过程序改过数据库，或磁盘出过错。请先查清原因，再恢复改动以前的备份，以后的各站会自动补交。"
    )
    return Answer([asdict(a) for a in found], message.format(n=len(found)) + "\n" + table(head, rows, most=60), StoreDamaged.exit_code)


def _labels(kind: str, names: Sequence[str]) -> list[str]:
    declared = kind_of(kind).by_name if kind else {}
    return [_(declared[name].label) if name in declared else name for name in names]


def _verify(session: Session) -> Answer:
    """Verify the hash chain and signatures of all log entries in this store, and check its files."""
    from sync.replica.audit import verify

    found, spoilt = verify(session), contents.spoilt(session)
    value = asdict(found) | {"spoilt": [id for _scope, id in spoilt]}
    return Answer(value, found.sentence() + spoilt_text(spoilt), 0 if found.ok and not spoilt else StoreDamaged.exit_code)


def spoilt_text(spoilt: Sequence[tuple[str, str]]) -> str:
    """A message listing attachments that no longer match their hash; empty if all do."""
    if not spoilt:
        return ""
    message = _("有 {n} 个附件的内容与登记的不一样，磁盘出过错，或有人绕过程序改过：{ids}。请先查清原因，再从以前的备份恢复。")
    return message.format(n=len(spoilt), ids=_some(spoilt))


def missing_text(missing: Sequence[tuple[str, str]]) -> str:
    """A message listing attachments whose content the county had and has no more; empty if there are none."""
    if not missing:
        return ""
    message = _("有 {n} 个附件的文件县里收到过、现在没有了：{ids}。有那些文件的电脑以后同步时会再送来；请查清是谁删的。")
    return message.format(n=len(missing), ids=_some(missing))


def _some(found: Sequence[tuple[str, str]]) -> str:
    return _("、").join(f"{scope} {id}" for scope, id in found[:_MAX_NAMED]) + (_("等") if len(found) > _MAX_NAMED else "")


def _views(session: Session, lost: int) -> Answer:
    """The views of masked data: who saw what, when and why. Each laptop and the county keep those made there. `lost`: how many log lines
    are missing."""
    from services.forms import CATALOGUE
    from services.lists.titles import titles

    found = unmasked.views(session)
    head = (_("时间"), _("谁"), _("看了什么"), _("理由"))
    named = {word: _(label) for word, label in _SEEN.items()} | {kind.name: _(kind.label) for kind in KINDS.values()}
    named |= {name: _(form.title) for name, form in CATALOGUE.items()}
    ids = {word for view in found for word in view.what.split() if word not in named and len(word) == _ID}
    for kind in KINDS if ids else ():
        named |= titles(session, kind, ids)
    rows = [(clock.text(view.at), view.by, _said(view.what, named), view.reason) for view in found]
    text = table(head, rows, most=60) if found else _("这里没有人看过完整内容。")
    if lost:
        text = _("有 {n} 行查看记录不见了：有人绕过程序删过。").format(n=lost) + "\n" + text
    return Answer([asdict(view) for view in found], text, StoreDamaged.exit_code if lost else 0)


def _said(what: str, named: Mapping[str, str]) -> str:
    """What was seen, in words: the longest beginning that has a name, then each word after it."""
    words = what.split()
    ends = [n for n in range(len(words), 0, -1) if " ".join(words[:n]) in named][:1]
    return " ".join([*(named[" ".join(words[:n])] for n in ends), *(named.get(word, word) for word in words[sum(ends) :])])


def _acts(session: Session) -> Answer:
    """The acts at this laptop, latest first: every import, form and undo, with its number for `undo`."""
    counted = acts.rows_touched(session)
    found = acts.latest(session, limit=None)
    value = [
        {"id": one.id, "at": one.at, "by": one.by, "label": one.label, "undone": one.undone, "rows": counted.get(one.id, 0)}
        for one in found
    ]
    head = (_("编号"), _("时间"), _("谁"), _("做了什么"), _("记录"), _("撤销"))
    rows = [(one.id, clock.text(one.at), one.by, one.label, counted.get(one.id, 0), _("已撤销") if one.undone else "") for one in found]
    return Answer(value, table(head, rows, most=60) if found else _("这台电脑上还没有做过改动。"))


def _administered(session: Session) -> Answer:
    """What the county's administrators did by command, latest first."""
    found = acts.latest(session, limit=None)
    head = (_("时间"), _("谁"), _("做了什么"))
    rows = [(clock.text(one.at), one.by, one.label) for one in found]
    value = [{"at": one.at, "by": one.by, "label": one.label} for one in found]
    return Answer(value, table(head, rows, most=80) if found else _("县里还没有用命令做过什么。"))


def _rows(session: Session, number: int) -> Answer:
    """The records one act touched."""
    from services.lists.titles import titles

    if acts.find(session, number) is None:
        raise NotFound(_("没有第 {batch} 批。").format(batch=number))
    found = acts.touched_by(session, number)
    ids = by_key((one.kind, one.id) for one in found)
    named = {kind: titles(session, kind, of) for kind, of in ids.items()}
    head = (_("类型"), _("编号"), _("名称"), _("做了什么"))
    rows = [(_(kind_of(one.kind).label), one.id, named[one.kind].get(one.id, ""), _(_DONE[one.what])) for one in found]
    return Answer([asdict(one) for one in found], table(head, rows) if found else _("这一批没有改动记录。"))
