"""The page 补助: 应享未享 · 办理 · 公示 · 拨付 (the last at the county only)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer

from desktop.benefits import signed_dialog
from desktop.benefits.notice_model import NoticeModel
from desktop.benefits.notice_tab import NoticeTab
from desktop.benefits.path_tab import PathTab
from desktop.benefits.payment_model import PaymentModel
from desktop.benefits.payment_tab import PaymentTab
from desktop.benefits.presenting import UNCLAIMED
from desktop.benefits.screening_tab import ScreeningTab
from desktop.benefits.signed_model import SignedLine, SignedModel
from desktop.benefits.view_model import PathModel, ScreeningModel
from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.station import Station
from desktop.widgets import writing
from desktop.widgets.basics import bind, button
from desktop.widgets.tabs import Later, TabStack
from domain.records import Notice
from domain.words import _


class BenefitsPage(Page):
    """A tab for each stage from being entitled to being paid."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, _("补助"))
        printer, role = FormPrinter(frame, station), station.store.role
        self._level, self._above = Notice.KIND.by_name["level"].label_of(role), role != "village"
        screening, self._signed = self.own(ScreeningModel(frame, station)), self.own(SignedModel(frame, station))
        self._path, self._notices = self.own(PathModel(frame, station, printer)), self.own(NoticeModel(frame, station, printer))
        self._payments = self.own(PaymentModel(frame, station, printer)) if role == "county" else None
        self.screening = ScreeningTab(frame, screening, self._open_claim, self._above)
        self.take_back = button(_("收回签好的表"), self._choose, icon="file-import", hint="F3", within=self, writes=True)
        self.header.add(self.take_back)
        self.of: dict[str, Callable[[], ScreeningTab | PathTab | NoticeTab | PaymentTab]] = {
            "screening": lambda: self.screening,
            "path": lambda: self.path,
            "notices": lambda: self.notices,
        }
        words = {"screening": _("应享未享"), "path": _("办理"), "notices": _("公示")}
        if self._payments is not None:
            self.of["payments"], words["payments"] = lambda: self.payments, _("拨付")
        pages = {key: (word, self.of[key]) for key, word in words.items()}
        self.stack = TabStack(pages)
        self.tabs = self.stack.tabs
        self.body.addWidget(self.stack, 1)
        self.tabs.chosen.connect(lambda _key: self._start())
        self._notices.made.connect(lambda _id: self._path.load())
        self._notices.done.connect(lambda _said: self._path.load())
        self._signed.read.connect(self._ask)
        self._signed.kept.connect(self._kept)
        screening.changed.connect(lambda: self._count(len(screening.of(UNCLAIMED))))
        for number, key in enumerate(pages, 1):
            bind(self, f"Ctrl+{number}", partial(self.tabs.choose, key))

    @Later
    def path(self) -> PathTab:
        """The tab of claims being processed."""
        made = PathTab(self.frame, self._path, lambda: self.tabs.choose("screening"), self._above)
        made.notice_asked.connect(self._make_notice)
        return made

    @Later
    def notices(self) -> NoticeTab:
        """The tab of public notices."""
        return NoticeTab(self.frame, self._notices, self._level, self._above)

    @Later
    def payments(self) -> PaymentTab:
        """The tab of payments, at the county."""
        assert self._payments is not None
        return PaymentTab(self.frame, self._payments)

    def opened(self, **args: object) -> None:
        """Show the last tab, or `tab=` (of "screening" the list `status=`, of "notices" with `new=True` the form of a new one); `claim=` a
        claim; `id=` with `kind="notice"` a notice; `files=` reads signed pages."""
        claim, notice, files = args.get("claim"), args.get("id"), args.get("files")
        if isinstance(claim, str):
            self._open_claim(claim)
        elif isinstance(notice, str) and args.get("kind") == "notice":
            self.tabs.choose("notices")
            self.notices.show_notice(notice)
        else:
            self.tabs.choose(str(args.get("tab") or self.tabs.key))
            if args.get("new"):
                self.notices.go_on()
            if args.get("status"):
                self.screening.chips.choose(str(args["status"]))
        if isinstance(files, list) and writing.why_not():
            writing.refused()
        elif isinstance(files, list):
            self._signed.open([Path(file) for file in files])

    def refresh(self) -> None:
        """Load again, since records changed; the screening is outdated."""
        self.screening.model.outdate()
        QTimer.singleShot(0, self, self._screen_again)  # after `opened` has chosen the tab: a claim may have been asked for
        models = {"path": self._path, "notices": self._notices, "payments": self._payments}
        if model := models.get(self.tabs.key):
            model.load()  # the focus stays where the user is typing

    def _screen_again(self) -> None:
        if self.tabs.key == "screening" and not self.screening.model.done and not self.screening.model.stopped:
            self.screening.model.screen()

    def _start(self) -> None:
        self.of[self.tabs.key]().start()

    def _choose(self) -> None:
        if files := signed_dialog.choose(self):
            self._signed.open(files)

    def _ask(self, lines: list[SignedLine], lacking: list[str]) -> None:
        if signed_dialog.confirm(self, lines, lacking):
            self._signed.keep(lines)

    def _kept(self, count: int) -> None:
        if count:
            self.frame.message(_("已归档 {n} 页").format(n=count), undo=True)
        else:  # no undo button: it would undo an earlier act
            self.frame.message(_("这些页以前都收过，没有重复归档。"))
        self._start()

    def _count(self, number: int) -> None:
        self.tabs.set_count("screening", number)
        self.frame.set_badge("benefits", number)

    def _open_claim(self, id: str) -> None:
        self.tabs.choose("path")
        self.path.show_claim(id)

    def _make_notice(self, ids: list[str]) -> None:
        self.tabs.choose("notices")
        self.notices.new(ids)


build = BenefitsPage
