"""The tab 1-3-1: each open wish with the state of its three services, a key for recording each service, and the services given."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.page import Frame
from desktop.service.presenting import GUIDANCE, JOB, TRAINING, Account
from desktop.service.view_model import ServiceModel
from desktop.widgets.basics import Card, EmptyState, bind, button, label
from desktop.widgets.layout import column
from desktop.widgets.ledger_table import LedgerTable
from desktop.widgets.reasons import Reasons
from desktop.widgets.tabs import ChipBar
from domain.words import _

KEYS = {"1": GUIDANCE, "2": JOB, "3": TRAINING}
_CARD_FROM = 400
"""From this height (px at 100 % text size) there is room for the services given."""


class LightsTab(QWidget):
    """The list with its keys and the card of services given."""

    def __init__(self, frame: Frame, model: ServiceModel, empty: EmptyState) -> None:
        super().__init__()
        self._frame, self._model = frame, model
        self._any = False
        self.state = ChipBar({"all": _("全部"), GUIDANCE: _("还差指导"), JOB: _("还差岗位"), TRAINING: _("还差培训"), "done": _("已完成")})
        self.table = LedgerTable(frame, model.lights, key="lights", empty=empty, title=_("1-3-1"))
        self.table.narrow_by(self.state)
        self.match_button = button(_("匹配岗位"), hint="F8")
        self.table.add(
            button(_("记指导"), lambda: self.give(GUIDANCE), hint="1", writes=True),
            button(_("推荐岗位"), lambda: self.give(JOB), kind="primary", hint="2", writes=True),
            button(_("记培训"), lambda: self.give(TRAINING), hint="3", writes=True),
            rows=True,
        )
        self.table.add(self.match_button)
        self.search = self.table.add_search(_("姓名、拼音、工种"), 150, name=_("在 1-3-1 里找"))
        self.account = Reasons(_("已给的服务"))
        self.heading = label("", "strong")
        self.card = Card(padding=12)
        self.card.setFixedHeight(theme.px(138))
        self.card.add(self.heading)
        self.card.add(self.account)
        self.setLayout(column(self.state, self.table, self.card, spacing=8))
        self.setFocusProxy(self.table)
        self._connect()

    def _connect(self) -> None:
        model = self._model
        self.table.chosen.connect(model.look_at)
        self.table.loaded.connect(self._loaded)
        model.counted.connect(self._show_counts)
        model.account_found.connect(self._show_account)
        for key, type in KEYS.items():
            made = bind(self.table.table, key, partial(self.give, type))
            made.setContext(Qt.ShortcutContext.WidgetShortcut)  # not in the search box, where they are digits

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the card in a low window."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        self.card.setVisible(self._any and self.height() >= theme.px(_CARD_FROM))

    def reload(self) -> None:
        """Load again."""
        self.table.reload()
        self._model.count()
        self._model.look_at(self.table.current_id())

    def look_for(self, wish_id: str) -> None:
        """Select a wish once the list is loaded."""
        self.search.clear()
        self.state.choose("all")
        self.table.want(wish_id)
        self.reload()

    def give(self, type: str) -> None:
        """Record a service for the selected people; a vacancy is recommended to one person at a time."""
        ids = self.table.marked()
        if not ids:
            self._frame.message(_("请先选中一个人；指导和培训可以按住 Ctrl 选几个。"))
        else:
            self._model.start(type, [self.table.current_id() or ids[0]] if type == JOB else ids)

    def _loaded(self, count: int) -> None:
        self._any = count > 0
        self.match_button.setEnabled(self._any)
        self._make_room()

    def _show_counts(self, counts: dict[str, int]) -> None:
        for key in self.state.buttons:
            self.state.set_count(key, counts.get(key, 0))

    def _show_account(self, account: Account) -> None:
        self.heading.setText(account.heading)
        self.account.show_reasons(account.given, _("还没有给过服务。按 1 记职业指导，按 2 推荐岗位，按 3 记免费培训。"))
