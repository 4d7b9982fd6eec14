"""The page 今日: what is due, in sections of lines with buttons, and three charts; or the full list of warnings or of doubts about the
data. The up and down keys move from line to line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop import theme
from desktop.page import Frame, Page
from desktop.station import Station
from desktop.today.matters import Matters
from desktop.today.presenting import DATA, SAME_AS_LAST_MONTH, Action, Charts, Day, Matter, Section, Task
from desktop.today.view_model import TodayModel
from desktop.widgets.basics import Button, Card, EmptyState, bind, button, label, rule
from desktop.widgets.charts import BarChart, LineChart, ServiceBars
from desktop.widgets.drawing import smooth_painter
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.layout import SideBySide, clear, column, holder, row, scrolled, stacked
from domain.lunar import lunar_day
from domain.words import _, language
from services.quality.repeats import Deleted

_HIGH, _BELOW = 33, 4
"""The height in px of a line with the rule above it, and of the space below the last."""
NAME, TITLE_MOST = 96, 240
"""In px: the width of the column of names, and the most that the title of a line for several matters may take."""


class Mark(QWidget):
    """The coloured bar before a line; its tool tip and accessible name say what the colour means."""

    def __init__(self, tone: str) -> None:
        super().__init__()
        self._tint = theme.EDGES[tone]
        self.setFixedSize(theme.px(4), theme.px(24))
        word = {"bad": _("急"), "warn": _("要办"), "good": _("可办")}[tone]
        self.setAccessibleName(word)
        self.setToolTip(word)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar."""
        painter = smooth_painter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(self._tint))
        painter.drawRoundedRect(self.rect(), 2, 2)


class Lines(Card):
    """One card with all sections. `done` is called with the action of a button when it is pressed."""

    def __init__(self, done: Callable[[Action], None]) -> None:
        super().__init__(padding=0)
        self._done = done
        self.buttons: list[list[Button]] = []
        self._keys: list[tuple[str, str, Sequence[Action]]] = []
        """What identifies each line with buttons, so that the focus can return to it after the list is rebuilt."""
        self._inside = column(spacing=0)
        self.body.addLayout(self._inside)
        self.body.addStretch(1)
        self.setAccessibleName(_("今天要办"))

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show these sections; the focus stays on the same line if it still exists."""
        at = self._focused()
        key = self._keys[at[0]] if at is not None else None
        clear(self._inside)
        self.buttons, self._keys = [], []
        for n, section in enumerate(sections):
            if n:
                self._inside.addWidget(rule())
            self._inside.addWidget(_section_heading(section))
            self._inside.addWidget(self._table(section))
        if at is not None and self.buttons:
            n = self._keys.index(key) if key in self._keys else min(at[0], len(self.buttons) - 1)
            self.buttons[n][min(at[1], len(self.buttons[n]) - 1)].setFocus()

    def _table(self, section: Section) -> QWidget:
        titles = [ElidedLabel(line.title, "strong", stretch=0) for line in section.lines]
        inside = column(spacing=0, margins=(9, 0, 12, _BELOW))
        for line, title in zip(section.lines, titles, strict=True):
            inside.addWidget(rule())
            inside.addWidget(self._line(line, title, section))
        inside.addStretch(1)
        kept = row(inside, shares=(1,))
        if section.room:
            kept.addStrut(theme.px(section.room * _HIGH + _BELOW))
        made = holder(kept)
        made.ensurePolished()  # so that titles are measured in the bold font of the style sheet
        for title in titles:
            _fit(title)
        return made

    def _line(self, line: Task, title: ElidedLabel, section: Section) -> QWidget:
        when = label(line.when, "muted")
        when.setAlignment(theme.RIGHT)
        buttons = [self._button(action, line) for action in line.actions]
        if buttons:
            self.buttons.append(buttons)
            self._keys.append((section.title, line.title, line.actions))
        parts = row(Mark(line.tone), title, 4, ElidedLabel(line.text, "muted"), when, row(*buttons, spacing=6), spacing=10)
        made = holder(parts)
        made.setMinimumHeight(theme.px(_HIGH - 1))
        return made

    def _button(self, action: Action, line: Task) -> Button:
        made = button(action.word, lambda: self._done(action), kind="small", writes=bool(action.act))
        made.setAccessibleName("　".join(part for part in (action.word, line.title, line.text, line.when) if part))
        made.setMinimumWidth(theme.px(56))
        return made

    def _focused(self) -> tuple[int, int] | None:
        """The line and the button in it that have the focus."""
        found = ((n, m) for n, line in enumerate(self.buttons) for m, made in enumerate(line) if made.hasFocus())
        return next(found, None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down move between lines, left and right within one."""
        at = self._focused()
        steps = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}
        if at is not None and Qt.Key(event.key()) in steps:
            down, right = steps[Qt.Key(event.key())]
            line = self.buttons[(at[0] + down) % len(self.buttons)]
            line[(at[1] + right) % len(line) if right else min(at[1], len(line) - 1)].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)


def _fit(title: ElidedLabel) -> None:
    """Set the width of a title: names share one column; a longer title takes room from the text after it."""
    title.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
    title.setFixedWidth(min(max(title.sizeHint().width(), theme.px(NAME)), theme.px(TITLE_MOST)))


def _section_heading(section: Section) -> QWidget:
    head = holder(row(label(section.title, "heading"), None, label(section.note, "small"), margins=(15, 0, 14, 0)))
    head.setFixedHeight(theme.px(41))
    return head


class TodayPage(Page):
    """The list of what is due beside the charts, an empty state for a new station, and the full list of warnings or doubts."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, _("今天要办"))
        self.setAccessibleName(_("今日"))
        self.model = self.own(TodayModel(frame, station))
        self._just_opened = False
        self.header.add(
            button(_("登记"), lambda: frame.open("register"), kind="primary", icon="plus", hint="Ctrl N", writes=True),
            button(_("导入名册"), lambda: frame.open("importing"), hint="Ctrl I"),
        )
        self.lines = Lines(self.do)
        self.nothing = EmptyState(_("今天没有要办的事"), _("快到期的协议和保险、要核对的数据、没填的月监测都会列在这里。"), icon="check")
        self.lines.add(self.nothing)
        self.regions, self.months, self.services = BarChart(), LineChart(_("{n} 人")), ServiceBars()
        self.no_wishes = label(_("还没有人登记就业需求。"), "small", wrap=True)
        self.matters = Matters(frame)
        self.board, self.fresh = self._board(), self._empty_village() if station.store.role == "village" else self._empty_above()
        self.stack = stacked(QWidget(), self.board, self.fresh, self.matters)
        self.body.addWidget(self.stack, 1)
        self._connect()

    def opened(self, **args: object) -> None:
        """Show the board and load it again, since the date may have changed."""
        self._just_opened = True
        self.model.give_up_room()
        self._show_board()
        self.model.load()

    def refresh(self) -> None:
        """Load again, since records changed."""
        self.model.load()

    def do(self, action: Action) -> None:
        """Carry out the action of a button."""
        if action.act == SAME_AS_LAST_MONTH:
            self.model.same_as_last_month()
        elif action.sort == DATA:
            self.model.list_doubts()
        elif action.sort:
            self._open_list()
            self.model.list_warnings()
            self.matters.show_matters(self.model.matters, action.sort)
            self.matters.start()
        else:
            self.frame.open(action.page, **action.args)

    def _connect(self) -> None:
        model, matters = self.model, self.matters
        model.changed.connect(self._show)
        model.filled.connect(self._filled)
        model.matters_changed.connect(self._show_matters)
        model.settled.connect(self._settled)
        matters.went.connect(lambda matter: self.do(matter.action))
        matters.settled.connect(lambda chosen, state, reason: model.settle(chosen, state, reason or None))
        matters.single.connect(model.delete_repeats)
        model.deleted.connect(self._deleted)
        matters.closed.connect(self._show_board)
        bind(matters, "Esc", self._show_board)

    def _board(self) -> QWidget:
        self.cards = [
            Card(_("就业去向"), short=True),
            Card(_("近十二个月务工人数"), short=True),
            Card(_("1-3-1 服务"), short=True),
        ]
        self.cards[0].add(self.regions)
        self.cards[1].add(self.months)
        self.cards[2].add(self.services)
        self.cards[2].add(self.no_wishes)
        self.lines.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        board = SideBySide([[self.lines], self.cards], (66, 34), least=700)
        return scrolled(holder(column(board, None, margins=(0, 0, 4, 0))))

    def _empty_village(self) -> QWidget:
        return EmptyState(
            _("先把村里的人登记进来"),
            _("有现成的花名册就导入，Excel 表原样拖进窗口即可；也可以先登记一个人。想先试试手，就到练习村，那里随便改，不影响真实数据。"),
            button(_("导入名册"), lambda: self.frame.open("importing"), kind="primary", hint="Ctrl I"),
            button(_("登记一个人"), lambda: self.frame.open("register"), hint="Ctrl N", writes=True),
            button(_("到练习村试试"), self.frame.practise),
            icon="users",
        )

    def _empty_above(self) -> QWidget:
        return EmptyState(
            _("各村的人还没有报上来"),
            _(
                "村里的电脑用县里给的注册码加入以后，联网同步、拿 U 盘来，或者在局域网交来，人和台账就列在这里。"
                "手里有名册也可以导入，会按表里的村名分到各村。想先试试手，就到练习村，那里随便改，不影响真实数据。"
            ),
            button(_("去同步"), lambda: self.frame.open("sync"), kind="primary"),
            button(_("读村里的 U 盘"), lambda: self.frame.open("sync", tab="stick")),
            button(_("导入名册"), lambda: self.frame.open("importing"), hint="Ctrl I"),
            button(_("到练习村试试"), self.frame.practise),
            icon="users",
        )

    def _show(self, day: Day) -> None:
        self.header.set_text(_("今天要办"), _heading(day))
        self.lines.show_sections(day.shown)
        QTimer.singleShot(0, self, self._to_first_line)  # once the lines are visible
        self.nothing.setVisible(not day.shown)
        self._show_charts(day.charts)
        self.frame.set_badge("today", day.urgent)
        if self.stack.currentWidget() is not self.matters and not self.model.doubting:  # else the list of doubts is being loaded
            self._show_board()

    def _to_first_line(self) -> None:
        """After the page was opened, focus the first button of the list instead of one in the header, where the focus was before the list
        was there."""
        now = self.window().focusWidget()
        just_opened, self._just_opened = self._just_opened, False
        if just_opened and self.lines.buttons and self.isVisible() and (now is None or self.header.isAncestorOf(now)):
            self.lines.buttons[0][0].setFocus()

    def _show_board(self) -> None:
        day = self.model.day
        self.model.doubting = False
        self.header.show()
        self.stack.setCurrentWidget(self.stack.widget(0) if day is None else self.board if day.people or day.sections else self.fresh)

    def _open_list(self) -> None:
        self.header.hide()
        self.stack.setCurrentWidget(self.matters)

    def _show_matters(self, matters: Sequence[Matter]) -> None:
        if self.model.doubting:
            self._open_list()
        if self.stack.currentWidget() is self.matters:
            self.matters.show_matters(matters, doubts=self.model.doubting)
            self.matters.start()

    def _show_charts(self, charts: Charts) -> None:
        self.cards[0].note.setText(_("务工和待业共 {n} 人").format(n=sum(count for _word, count in charts.regions)))
        self.regions.set_bars(charts.regions)
        self.months.set_points(charts.months)
        self.cards[2].note.setText(_("有需求 {n} 人").format(n=charts.wishes) if charts.wishes else "")
        self.services.set_bars(charts.services)
        self.services.setVisible(charts.wishes > 0)
        self.no_wishes.setVisible(charts.wishes == 0)

    def _filled(self, count: int) -> None:
        if count:
            self.frame.message(_("{n} 人的月监测已按上月填好").format(n=count), undo=True)
        else:
            self.frame.message(_("没有可以照上月填的：上月也没有填"))
        self.model.load()

    def _settled(self, count: int) -> None:
        self.frame.message(_("{n} 件已处置，需要时可以撤销").format(n=count) if count else _("这一件不用处置"), undo=count > 0)
        self.model.load()

    def _deleted(self, done: Deleted) -> None:
        self.frame.message(done.text, undo=bool(done.counts))
        self.model.load()


def _heading(day: Day) -> str:
    on = date.fromisoformat(day.today)
    weekdays = (_("星期一"), _("星期二"), _("星期三"), _("星期四"), _("星期五"), _("星期六"), _("星期日"))
    text = _("{month} 月 {day} 日　{weekday}").format(month=on.month, day=on.day, weekday=weekdays[on.weekday()])
    if language() == "zh" and (lunar := lunar_day(day.today)) is not None:  # the lunar date is shown in Chinese only
        text += _("　农历{day}").format(day=lunar.words)
    return text + _("　本月监测还差 {n} 人").format(n=day.checks_left) if day.checks_left else text


build = TodayPage
