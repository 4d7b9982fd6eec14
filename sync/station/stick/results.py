"""The results of writing and reading files on a stick: figures, and sentences for people."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from domain.errors import CunzhanError
from domain.words import N_, _
from sync.station.attachments import TransferResult
from sync.station.result import ExchangeResult
from sync.station.stick.courier import Carried


@dataclass(frozen=True)
class Written:
    """The result of writing one or several files. `records`: own changes inside; `carried`, `answers`: bundles of villages, and bundles for
    them; `left`: own changes that are not inside; `restored`: batches offered again to a restored county."""

    records: int
    bytes: int
    receipt: str
    carried: int = 0
    answers: int = 0
    files: tuple[str, ...] = ()
    left: int = 0
    restored: int = 0

    def sentence(self) -> str:
        """The notes on it, as sentences for people."""
        said = (
            _("已写好 {file}，可以拔出 U 盘了。") if len(self.files) == 1 else _("已写好 {n} 个文件：{file}。请一起交，可以拔出 U 盘了。")
        )
        text = said.format(n=len(self.files), file=_("、").join(self.files))
        if self.restored:
            text += _("里面是补交给县里的 {n} 批。").format(n=self.restored)
        if self.left:
            text += _("还有 {n} 条没有装进去，都在本机：等县里的答复读入以后，再写一份。").format(n=self.left)
        return text


WAYS = {"stick": N_("U 盘"), "lan": N_("局域网")}
"""How files came, in words."""


def took(done: ExchangeResult) -> str:
    """What was exchanged by files, in words; what differs is fetched again by the next trip."""
    text = replace(done, different=0).sentence()
    if (left := done.different - done.mended - done.disputed) > 0:
        text += _("。核对发现 {n} 类记录与县里的不同，请再写一份交给县里，就会重新取回").format(n=left)
    if done.mended:
        text += _("。与县里不同的 {n} 类记录已重新取回").format(n=done.mended)
    return text


def took_by(way: str, done: ExchangeResult) -> str:
    """What was exchanged by files that came this way (a key of `WAYS`), in words for the list of exchanges."""
    return _("{way}：{result}").format(way=_(WAYS.get(way, way)), result=took(done))


@dataclass
class ReadResult:
    """What reading a file came to. `receipts`: codes of own bundles a township has taken; `carried`: villages' bundles taken here;
    `answers`: for villages, new here; `returned`: for villages, written back to the stick; `joined`: this station is enrolled now;
    `more`: the county had more than fitted; `refused`: why other bundles in the file were not taken."""

    exchange: ExchangeResult = field(default_factory=ExchangeResult)
    """The figures that an exchange over the network has too."""
    answered: bool = False
    heard: bool = False
    """Whether one of the county's answers was not read before."""
    more: bool = False
    joined: bool = False
    receipts: list[str] = field(default_factory=list)
    carried: list[Carried] = field(default_factory=list)
    answers: int = 0
    returned: int = 0
    refused: list[CunzhanError] = field(default_factory=list)
    left: int = 0
    """Batches still to be offered to a restored county, with the next file."""
    early: int = 0
    """Batches of others that are here but wait for earlier ones."""
    files: TransferResult = field(default_factory=TransferResult)
    bytes: int = 0
    time: int = 0
    """When the county answered, the latest of its answers: seconds by its own clock."""
    something: bool = False
    """Whether anything in the file was for this station."""

    def sentence(self) -> str:
        """The result in words, a line for each thing; last why other bundles were not taken."""
        return "\n".join([*self.lines(), *(str(error) for error in self.refused)])

    def lines(self) -> list[str]:
        """What was taken, in words."""
        said = [_("已在县里注册，可以交换了。")] if self.joined else []
        said += [self._answer()] if self.answered else []
        if self.files != TransferResult():
            said.append(_("附件：县里已收 {n} 个，收到 {m} 个。").format(n=self.files.sent, m=self.files.received))
        said += [_("还有 {n} 批要补交给县里，一份装不下，请再写一份交给县里。").format(n=self.left)] if self.left else []
        said += [_("先读到 {n} 批，前面还缺：把缺的 U 盘读进来，或再写一份交给县里。").format(n=self.early)] if self.early else []
        said += [_("县里还有没写完的，请再写一份交给县里。")] if self.more else []
        said += [_("乡镇已收：回执 {code}。").format(code=code) for code in self.receipts]
        codes = _("、").join(one.code for one in self.carried)
        said += [_("代收村里的 {n} 份，回执 {codes}。").format(n=len(self.carried), codes=codes)] if codes else []
        said += [_("县里给村里的答复 {n} 份，等村里来取。").format(n=self.answers)] if self.answers else []
        said += [_("县里的答复 {n} 份已写回这个 U 盘，请村里拿回去读入。").format(n=self.returned)] if self.returned else []
        return said

    def _answer(self) -> str:
        """An answer that is read again, or that brings nothing, says nothing of what waits here."""
        figures = (*vars(self.exchange).values(), *vars(self.files).values())
        return _("县里已收到。{result}。").format(result=took(self.exchange)) if any(figures) else _("县里的答复已读入，没有新的内容。")
