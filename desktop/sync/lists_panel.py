"""The tabs 待上传, 搁置 and 疑似同一人: changes not sent yet; changes that could not be applied; and people and records that may be
recorded twice, with buttons to merge them, and merged ones with a button to undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QPushButton, QWidget

from desktop import theme
from desktop.page import Frame
from desktop.sync.standing import HeldShown
from desktop.sync.view_model import SyncModel
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, button, label
from desktop.widgets.layout import SideBySide, column, holder, row, stacked
from desktop.widgets.lines_card import LinesCard
from domain import divisions
from domain.authors import name_of
from domain.clock import when
from domain.fields import KINDS
from domain.likeness import LIKELY
from domain.words import _
from services.merging import UNTOLD, Match, Merged, Twin
from services.merging_sure import Sure
from services.waiting import UnsentChanges


class Lines(QWidget):
    """A card of lines, or an empty page. `emptied` is called if the focused button disappears and no other takes its place."""

    def __init__(self, model: SyncModel, emptied: Callable[[], None], title: str, empty: EmptyState) -> None:
        super().__init__()
        self._model, self._emptied = model, emptied
        self.card = LinesCard(title)
        self.empty = empty
        self._stack = stacked(self.card, empty)
        self.setLayout(column(self._stack))
        model.changed.connect(self._show)

    def _show(self) -> None:
        """Show the present state."""
        raise NotImplementedError

    def fill(self, lines: Sequence[QWidget]) -> None:
        """Show these lines. The focus stays on the button at the same position, so that one line after another can be decided."""
        place = next((n for n, one in enumerate(self._buttons()) if one.hasFocus()), None)
        self.card.fill(lines)
        self._stack.setCurrentIndex(0 if lines else 1)
        if place is not None and (left := self._buttons()):
            left[min(place, len(left) - 1)].setFocus()
        elif place is not None:
            self._emptied()

    def _buttons(self) -> list[QPushButton]:
        return [one for line in self.card.shown for one in line.findChildren(QPushButton) if not one.isHidden()]


class WaitingPanel(Lines):
    """The tab 待上传."""

    def __init__(self, model: SyncModel, emptied: Callable[[], None]) -> None:
        super().__init__(model, emptied, _("下次同步一起上传"), EmptyState(_("没有待上传的"), "", icon="circle-check"))
        self._show()

    def _show(self) -> None:
        standing = self._model.standing
        self.card.title.setText(_("下次同步一起上传") if standing.enrolled else _("加入县服务器以后一起上传"))
        self.card.note.setText(_("共 {n} 条，都已存在本机，断电、关机都不会丢").format(n=f"{standing.unsent:,}"))
        self.empty.say(_("没有待上传的"), _("您录入的县里都已收到。") if standing.enrolled else _("您还没有录入什么。"))
        self.fill([_waiting(group) for group in standing.waiting])


class HeldPanel(Lines):
    """The tab 搁置."""

    def __init__(self, model: SyncModel, emptied: Callable[[], None]) -> None:
        text = _("别的电脑传来、在这里还不能生效的改动，或者县里没有收下的改动，会一条不少地留在这里。")
        super().__init__(model, emptied, _("还没有生效，但一条也没有丢"), EmptyState(_("没有搁置的"), text, icon="archive"))
        self.export = button(_("导出清单"), self._export, kind="small", icon="file-export")
        self.card.head.addWidget(self.export)
        self._show()

    def _export(self) -> None:
        path = dialogs.save_as(self, _("保存到"), _("搁置清单.xlsx"))
        if path is not None:
            self._model.save_held(path)

    def _show(self) -> None:
        standing = self._model.standing
        more = standing.held_all - len(standing.held_shown)
        rest = [label(_("　另有 {n} 条，请看导出的清单。").format(n=f"{more:,}"), "muted")] if more > 0 else []
        self.fill([*(self._held_shown(one) for one in standing.held_shown), *rest])

    def _held_shown(self, one: HeldShown) -> QWidget:
        go = button(_("放行"), lambda: self._model.release(one), kind="small", writes=True, name=_("放行：{title}").format(title=one.title))
        if one.obstacle:  # never show() it without a parent, which would open it as a window
            go.hide()
        head = row(label(one.title, "strong"), None, label(f"{one.by}　{when(one.at)}", "small"), go)
        parts = [label(one.what, wrap=True, selectable=True)] if one.what else []
        why = label(_("为什么：{reason}").format(reason=one.reason), "muted" if one.over else "warn", wrap=True)
        now = _("您现在可以放行：这个改动再做一次，下次同步告诉大家。")
        if one.over:
            now = one.obstacle
        elif one.obstacle:
            now = "" if one.obstacle == one.reason else _("还不能放行：{why}").format(why=one.obstacle)
        return holder(column(head, *parts, why, *([label(now, "muted", wrap=True)] if now else []), spacing=3, margins=(14, 8, 14, 8)))


def _waiting(group: UnsentChanges) -> QWidget:
    kind = KINDS.get(group.kind)
    name = label(_(kind.label) if kind else group.kind, "strong")
    name.setMinimumWidth(theme.px(110))
    counts = label(waiting_words(group))
    counts.setMinimumWidth(theme.px(190))
    who = label(_("最近：{names}").format(names=_("、").join(group.names)) if group.names else "", "muted", wrap=True)
    return holder(row(name, counts, who, label(when(group.latest), "muted"), spacing=14, margins=(14, 8, 14, 8), shares=(0, 0, 1)))


def waiting_words(group: UnsentChanges) -> str:
    """Return the counts as text: 新增 3，修改 5."""
    parts = (
        (_("新增 {n}"), group.added),
        (_("修改 {n}"), group.changed),
        (_("删除 {n}"), group.removed),
        (_("恢复 {n}"), group.restored),
        (_("核对 {n}"), group.decided),
    )
    return _("，").join(text.format(n=f"{count:,}") for text, count in parts if count)


_SHOWN = 50
"""The most pairs of each sort shown at once; once these are decided, more are shown."""
_LISTED = 300
"""The most pairs that a question lists."""


def merging_words(match: Match, into: str) -> str:
    """Return which record stays, which is merged into it, and what that means."""
    lines = []
    for twin in sorted(match.records, key=lambda one: one.id != into):
        words = _("留下：{who}") if twin.id == into else _("并进去：{who}")
        made = _("{who} {at} 登记").format(who=name_of(twin.created_by), at=when(twin.created_at))
        who = [twin.title, divisions.called(twin.village), made, *(f"{name} {value}" for name, value in twin.details[:3])]
        lines.append(words.format(who="　".join(who)))
    if match.score:
        lines.append(_("两个号码不一样：问清楚是同一个人再合并。"))
    return "\n".join([*lines, _("两条的内容都留着，名下的务工、补助算到一起，账号用留下的那条。随时可以取消。")])


def sure_words(found: Sequence[Sure]) -> str:
    """Return what merging these at once does, and a line for each, those that differ first."""
    differ = sum(bool(one.differs) for one in found)
    told = _("有 {n} 对证件号码正确而且相同、姓名一样，多半是一份名册在两台电脑上都导入过。每对留先登记的那条，它空着的由另一条补上。")
    lines = [told.format(n=len(found)) + _("合并以后可以撤销，也可以一对一对取消。")]
    lines += [_("其中 {n} 对有不一样的内容，排在前面；不放心的先取消，一对一对看。").format(n=differ)] if differ else []
    more = [_("另有 {n} 对，内容一样。").format(n=len(found) - _LISTED)] if len(found) > _LISTED else []
    return "\n".join([*lines, "", *(one.text for one in found[:_LISTED]), *more])


class MatchesPanel(Lines):
    """The tab."""

    def __init__(self, frame: Frame, model: SyncModel, emptied: Callable[[], None]) -> None:
        text = _("同一个人登记了两次，会列在这里：证件号码相同的，姓名同音、号码差一位的。合并以后随时可以取消。")
        super().__init__(model, emptied, _("疑似同一人"), EmptyState(_("没有疑似重复的"), text, icon="users"))
        self._frame = frame
        self._at_once = button(_("一起合并…"), model.find_sure, kind="small", icon="users", writes=True)
        self.card.head.addWidget(self._at_once)
        model.sure.connect(self._ask_at_once)
        self._show()

    def _ask_at_once(self, found: Sequence[Sure]) -> None:
        if not found:
            text = _("号码正确而且相同、姓名一样、没有要人来选的内容，才能一起合并。现在列着的，请一对一对看。")
            dialogs.show_message(self, _("没有能一起合并的"), text)
        elif dialogs.ask(self, _("一起合并？"), sure_words(found), yes=_("合并"), danger=any(one.differs for one in found)):
            self._model.merge_sure()

    def _merge(self, match: Match, into: str) -> None:
        """Merge after asking: two people with the same name may be listed only because their numbers are similar."""
        if dialogs.ask(self, _("合并成一个人？"), merging_words(match, into), yes=_("合并"), danger=match.score > 0):
            self._model.merge(match, into)

    def _open(self, kind: str, id: str) -> None:
        if kind == "person":
            self._frame.open("people", id=id)
        else:
            self._frame.open("ledgers", kind=kind, id=id)

    def _show(self) -> None:
        standing = self._model.standing
        self.card.note.setText(_("合并只是指向同一个人：两条的内容都留着，名下的记录合在一起看"))
        self._at_once.setVisible(sum(match.kind == "person" for match in standing.matches) > 1)
        found = [self._match(match, standing.writable) for match in standing.matches[:_SHOWN]]
        found += [self._pair(match, standing.writable) for match in standing.alike[:_SHOWN]]
        if (more := len(standing.matches[_SHOWN:]) + len(standing.alike[_SHOWN:])) > 0:
            found.append(holder(row(label(_("另有 {n} 对，先核对上面的。").format(n=more), "muted"), margins=(14, 8, 14, 8))))
        if standing.suspects is None:
            found.append(self._ask_to_look())
        set_apart = [match for match in standing.suspects or () if match.apart]
        self.fill(
            [*found, *(self._merged(one) for one in standing.merged), *(self._apart(match, standing.writable) for match in set_apart)]
        )

    def _pair(self, match: Match, writable: str) -> QWidget:
        """Two people who are alike, side by side."""
        ours = all(twin.village.startswith(writable) for twin in match.records)
        likelihood = _("很可能是同一个人") if match.score >= LIKELY else _("可能是同一个人")
        apart = button(_("不是同一人"), lambda: self._model.tell_apart(match, apart=True), kind="small", writes=True)
        apart.setAccessibleName(_("不是同一人：{names}").format(names=_("、").join(twin.title for twin in match.records)))
        if not ours:  # never show() it without a parent: it would flash up as a window and take the focus
            apart.hide()
        head = row(label(likelihood, "strong"), None, apart)
        why = [label(" · ".join(match.reasons), wrap=True)]
        why += [label(" · ".join(match.against), "warn", wrap=True)] if match.against else []
        columns = [[self._side(match, twin, writable)] for twin in match.records]
        sides = SideBySide(columns, [1] * len(columns), least=620)
        return holder(column(head, *why, sides, spacing=4, margins=(14, 8, 14, 8)))

    def _side(self, match: Match, twin: Twin, writable: str) -> QWidget:
        empty = {name for name, _value in twin.details if all((name, UNTOLD) in each.details for each in match.records)}
        details = [label(f"{name}　{value}", "small", wrap=True) for name, value in twin.details if name not in empty]
        return holder(
            column(self._twin(match, twin, person=True, writable=writable), *details, None, spacing=2, margins=(10, 6, 10, 6)),
            role="notice",
        )

    def _apart(self, match: Match, writable: str) -> QWidget:
        names = _("、").join(f"{twin.title}（{divisions.called(twin.village)}）" for twin in match.records)
        again = button(_("重新列出"), lambda: self._model.tell_apart(match, apart=False), kind="small", icon="arrow-back-up", writes=True)
        again.setAccessibleName(_("重新列出：{names}").format(names=names))
        if not all(twin.village.startswith(writable) for twin in match.records):
            again.hide()
        text = label(_("{names} 不是同一人").format(names=names), "muted", wrap=True)
        return holder(row(text, again, margins=(14, 8, 14, 8), shares=(1,)))

    def _ask_to_look(self) -> QWidget:
        text = label(_("人数多，姓名、号码相近的要找几秒。"), "muted", wrap=True)
        look = button(_("查找相近的人"), self._model.look, kind="small", icon="search")
        return holder(row(text, look, margins=(14, 8, 14, 8), shares=(1,)))

    def _match(self, match: Match, writable: str) -> QWidget:
        title = _(KINDS[match.kind].label)
        head = row(label(" ".join(filter(None, (title, match.number))), "strong"), None)
        person = match.kind == "person"
        advice = (
            _("证件号码相同。看看哪一条是对的，把另一条并进去。") if person else _("同一件事登记了两条。请打开看看，删掉多余的那一条。")
        )
        lines = [self._twin(match, twin, person=person, writable=writable) for twin in match.records]
        return holder(column(head, label(advice, "muted", wrap=True), *lines, spacing=4, margins=(14, 8, 14, 8)))

    def _twin(self, match: Match, twin: Twin, *, person: bool, writable: str) -> QWidget:
        place = divisions.called(twin.village)
        who, at = name_of(twin.created_by), when(twin.created_at)
        text = label(_("{title}　{place}　{who} {at} 登记").format(title=twin.title, place=place, who=who, at=at), wrap=True)
        look = button(_("打开"), lambda: self._open(match.kind, twin.id), kind="small")
        look.setAccessibleName(_("打开 {title}，{place}").format(title=twin.title, place=place))
        line = row(text, look, spacing=10, shares=(1,))
        others = [other for other in match.records if other.id != twin.id]
        if person and all(other.village.startswith(writable) for other in others):
            keep = button(_("留这条"), lambda: self._merge(match, twin.id), kind="small", writes=True)
            keep.setAccessibleName(_("留这条：{title}，{place}").format(title=twin.title, place=place))
            line.addWidget(keep)
        return holder(line)

    def _merged(self, one: Merged) -> QWidget:
        place = divisions.called(one.village)
        text = label(_("{title}（{place}）已并入 {into}").format(title=one.title, place=place, into=one.into), "muted", wrap=True)
        back = button(_("取消合并"), lambda: self._model.unmerge(one), kind="small", icon="arrow-back-up", writes=True)
        back.setAccessibleName(_("取消合并 {title}").format(title=one.title))
        return holder(row(text, back, margins=(14, 8, 14, 8), shares=(1,)))
