"""The result of an exchange: figures, and a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass

from domain.words import _
from sync.station.receiving.receive import Received

_ALWAYS = frozenset({"pushed", "pulled", "conflicts", "held", "requests", "bytes_sent", "bytes_received", "seconds"})


@dataclass
class ExchangeResult:
    """The result of an exchange, over the network or by stick. `pushed`, `pulled`: changes; `conflicts`, `held`: newly listed ones; bytes
    are those of HTTP bodies."""

    pushed: int = 0
    pulled: int = 0
    conflicts: int = 0
    held: int = 0
    requests: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    seconds: float = 0.0
    forked: bool = False
    """Whether this store turned out to be a copy or a restored backup, and continued under a new incarnation."""
    different: int = 0
    """Number of record kinds that differed from the county's; `mended` of them were fetched again and are equal now."""
    mended: int = 0
    disputed: int = 0
    """Number of these kinds that were left as they are here, because the county's records contradict the signed log."""
    files_sent: int = 0
    files_received: int = 0
    files_left: int = 0
    """Attachments sent, received, and here but not yet at the county."""
    restored: int = 0
    """Batches offered to a restored county that had lost them."""
    kept: str = ""
    """The copy of this store made before a restored county's records replaced data that were here only from a snapshot."""

    def add(self, got: Received) -> None:
        """Count the changes of applied entries."""
        self.pushed += got.acknowledged
        self.pulled += got.pulled
        self.conflicts += got.conflicts
        self.held += got.held

    def figures(self) -> dict[str, int | float | bool | str]:
        """Return the figures of the contract, and of the others those that are not zero or empty."""
        return {name: value for name, value in vars(self).items() if value or name in _ALWAYS}

    def dispute(self) -> str:
        """A sentence if records were not replaced by the county's, otherwise nothing."""
        if not self.disputed:
            return ""
        text = _("。县里有 {n} 类记录和签过名的改动对不上，像是有人直接改了县里的数据库：本机没有照改，请告诉县管理员运行 audit records")
        return text.format(n=self.disputed)

    def sentence(self) -> str:
        """Return the result as a sentence for people."""
        text = _("上传 {pushed} 条，收到 {pulled} 条").format(pushed=self.pushed, pulled=self.pulled)
        if self.conflicts:
            text += _("，{n} 处与别人的改动不一致，见「要核对」").format(n=self.conflicts)
        if self.held:
            text += _("，{n} 条搁置，原因都写明了").format(n=self.held)
        if self.forked:
            text += _("。本机数据像是从备份恢复的，或被复制到了另一台电脑。两边的改动都保留，也告诉了县里")
        if self.different:
            text += _("。核对发现 {n} 类记录与县里的不同").format(n=self.different)
            if self.mended == self.different:
                text += _("，已重新取回，现在一致")
            elif not self.disputed:
                text += _("，没能全部取回，请联系县管理员")
        text += self.dispute()
        if self.restored:
            text += _("。县里恢复过备份，本机已把县里缺的 {n} 批补交").format(n=self.restored)
        if self.kept:
            text += _("。县里恢复备份后有一段与本机的不同，已改用县里的；本机原来的全部数据另存在备份文件夹 {file}，保留半年").format(
                file=self.kept
            )
            text += _("，请告诉县管理员")
        if self.files_sent or self.files_received:
            text += _("。附件传出 {sent} 个，收到 {received} 个").format(sent=self.files_sent, received=self.files_received)
        if self.files_left:
            text += _("。还有 {n} 个附件没有传完，下次接着传").format(n=self.files_left)
        return text
