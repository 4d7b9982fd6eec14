"""补助: 应享未享 · 办理 · 公示 · 拨付 (at the county)."""

from __future__ import annotations

from functools import partial

from desktop.benefits.notice_model import NoticeModel
from desktop.benefits.notice_tab import NoticeTab
from desktop.benefits.path_model import PathModel
from desktop.benefits.path_tab import PathTab
from desktop.benefits.payment_model import PaymentModel
from desktop.benefits.payment_tab import PaymentTab
from desktop.benefits.screening_model import UNCLAIMED, ScreeningModel
from desktop.benefits.screening_tab import ScreeningTab
from desktop.page import Frame, Page
from desktop.widgets.basics import bind
from desktop.widgets.tabs import TabStack
from domain.words import _


class BenefitsPage(Page):
    """The page: a tab for each part of the way from being entitled to being paid."""

    def __init__(
        self,
        frame: Frame,
        screening: ScreeningModel,
        path: PathModel,
        notices: NoticeModel,
        payments: PaymentModel | None,
        level: str,
        above: bool = False,
    ) -> None:
        """`level` is the station's in words; `above`: it sees more than one village."""
        super().__init__(frame, _("补助"))
        self.screening = ScreeningTab(frame, screening, self._open_claim, above)
        self.path = PathTab(frame, path, lambda: self.tabs.choose("screening"), above)
        self.notices = NoticeTab(frame, notices, level)
        pages = {
            "screening": (_("应享未享"), self.screening),
            "path": (_("办理"), self.path),
            "notices": (_("公示"), self.notices),
        }
        self.payments = PaymentTab(frame, payments) if payments is not None else None
        if self.payments is not None:
            pages["payments"] = (_("拨付"), self.payments)
        self.stack = TabStack(pages)
        self.tabs = self.stack.tabs
        self.body.addWidget(self.stack, 1)
        self.tabs.chosen.connect(lambda _key: self._start())
        self.path.notice_asked.connect(self._make_notice)
        notices.made.connect(lambda _id: path.load())
        notices.done.connect(lambda _what: path.load())
        screening.changed.connect(lambda: self._count(len(screening.of(UNCLAIMED))))
        for number, key in enumerate(pages, 1):
            bind(self, f"Ctrl+{number}", partial(self.tabs.choose, key))

    def opened(self, **args: object) -> None:
        """The tab last seen; `tab=` another; `claim=` one claim on its path; `id=` (of `kind="notice"`) a notice."""
        claim, notice = args.get("claim"), args.get("id")
        if isinstance(claim, str):
            self._open_claim(claim)
        elif isinstance(notice, str) and args.get("kind") == "notice":
            self.tabs.choose("notices")
            self.notices.show_notice(notice)
        else:
            self.tabs.choose(str(args.get("tab") or self.tabs.key))

    def refresh(self) -> None:
        """Records changed elsewhere: what was screened may be out of date."""
        self.screening.model.done = False
        if self.tabs.key != "screening":
            self._start()

    def _start(self) -> None:
        shown = {"screening": self.screening, "path": self.path, "notices": self.notices, "payments": self.payments}[self.tabs.key]
        if shown is not None:
            shown.start()

    def _count(self, number: int) -> None:
        self.tabs.set_count("screening", number)
        self.frame.set_badge("benefits", number)

    def _open_claim(self, id: str) -> None:
        self.tabs.choose("path")
        self.path.show_claim(id)

    def _make_notice(self, ids: list[str]) -> None:
        self.tabs.choose("notices")
        self.notices.new(ids)
