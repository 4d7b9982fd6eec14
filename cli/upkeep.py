"""Commands that look after the store: status, backup, restore, self-test."""

from __future__ import annotations

from pathlib import Path

from cli.access import opened
from cli.program import Answer, Call
from db import backup as backups
from domain.words import _


def backup(call: Call) -> Answer:
    """Write a checked, encrypted backup."""
    with opened(call) as store:
        made = backups.backup(store, Path(call.args.file))
    text = _("备份已写好并核对过：{file}，{records} 条记录，{size:.1f} MB。").format(
        file=made.file, records=made.records, size=made.bytes / 2**20
    )
    return Answer({"file": str(made.file), "bytes": made.bytes, "records": made.records}, text)


def restore(call: Call) -> Answer:
    """Put a backup in the place of the present data, which is kept beside it."""
    made = backups.restore(call.home, Path(call.args.file), user=call.args.user, password=call.console.password())
    text = _("已从备份恢复 {records} 条记录。原来的数据移到了 before-restore 文件夹，没有删除。").format(records=made.records)
    return Answer({"home": str(call.home), "file": str(made.file), "records": made.records}, text)
