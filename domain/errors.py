"""Errors that the user can act on.

Each message says, in a sentence or two for a clerk, what happened, what it means and what to do. `exit_code` is the exit code of the
command line (fixed by the contract). Any exception that is not a `CunzhanError` is a bug.
"""

from __future__ import annotations

import errno

from domain.words import _


class CunzhanError(Exception):
    """Base of all errors with a message for the user. The message holds no personal data beyond what the user typed."""

    exit_code = 3


class FieldError(CunzhanError, ValueError):
    """A value that does not fit its field. `code` is a short reason code (`checksum`, `choice`, `date`, `required` …); `field` is the
    field's name if known, so that a form can show the message there."""

    def __init__(self, message: str, code: str = "value", field: str = "") -> None:
        super().__init__(message)
        self.code, self.field = code, field


class DomainError(CunzhanError):
    """A request that the business rules do not allow; nothing was changed."""


class CannotWrite(DomainError):
    """The disk is full or read-only: this change was not saved, everything saved before is intact."""


class InputUnusable(CunzhanError):
    """A file or input that cannot be used at all; nothing was changed."""


class Unrecognised(InputUnusable):
    """A file with tables that are none of the lists known; its user can tell which one it is."""


class Misused(InputUnusable):
    """A request that is meaningless whatever the data: a scope of eleven digits, an unknown kind of database."""

    exit_code = 2


class NotFound(DomainError):
    """The record or thing named does not exist here."""


class ChangedUnderneath(DomainError):
    """Fields of a form changed in the store since it was opened. `fields` maps their names to the present stored values."""

    def __init__(self, message: str, fields: dict[str, object]) -> None:
        super().__init__(message)
        self.fields = fields


class Unreachable(CunzhanError):
    """The county server did not answer, or answered nonsense; everything is kept and will be sent later."""

    exit_code = 4


class Refused(CunzhanError):
    """Wrong password, revoked device, or no permission."""

    exit_code = 5


class Revoked(Refused):
    """The county revoked this laptop. It may be in other hands, so masked data stay masked; entering records and sending them go on."""

    def __init__(self) -> None:
        super().__init__(
            _("县里已停用这台电脑：完整的证件号、电话、账号不再显示，也不能导出，附件不能另存。没有交的改动都在，不会丢；请联系县管理员。")
        )


class StoreDamaged(CunzhanError):
    """The store is damaged or from a newer program; nothing was changed."""

    exit_code = 6


class Stopped(CunzhanError):
    """The user stopped a long operation; it was rolled back and nothing was changed."""

    exit_code = 3


_ACCESS_DENIED, _SHARING_VIOLATION, _LOCK_VIOLATION = 5, 32, 33
_ON_WINDOWS = {
    19: errno.EROFS,  # write-protected
    **dict.fromkeys((21, 23, 27, 29, 30, 31, 55, 59, 433, 483, 1006, 1117, 1167), errno.EIO),  # not ready, unreadable, no longer there
    _SHARING_VIOLATION: errno.EBUSY,
    _LOCK_VIOLATION: errno.EBUSY,
    123: errno.EINVAL,
    206: errno.ENAMETOOLONG,
    223: errno.EFBIG,
}
"""Windows error codes that are more precise than their C errno, which is mostly "permission denied"."""


def in_use(error: OSError) -> bool:
    """Whether the error may only mean that the file is open in another program, as Windows reports when it is to be moved, replaced or
    deleted."""
    return getattr(error, "winerror", None) in (_ACCESS_DENIED, _SHARING_VIOLATION, _LOCK_VIOLATION)


def os_reason(error: OSError) -> str:
    """The operating system's reason in a few words without a full stop; the error number for rare ones."""
    code = _ON_WINDOWS.get(getattr(error, "winerror", None) or 0, error.errno or 0)
    words = {
        errno.ENOENT: _("找不到这个文件夹或文件"),
        errno.ENOTDIR: _("路径里有一段不是文件夹"),
        errno.EISDIR: _("这是一个文件夹"),
        errno.EACCES: _("没有写入或读取的权限"),
        errno.EPERM: _("没有写入或读取的权限"),
        errno.EROFS: _("这个磁盘是只读的"),
        errno.ENOSPC: _("磁盘满了"),
        errno.EDQUOT: _("磁盘满了"),
        errno.EIO: _("磁盘或 U 盘出了故障，或者已经拔下"),
        errno.ENAMETOOLONG: _("文件名太长"),
        errno.EINVAL: _("文件名里有不能用的字符"),
        errno.EFBIG: _("文件太大，这个磁盘放不下"),
        errno.EEXIST: _("已经有同名的文件"),
        errno.EBUSY: _("正被别的程序使用"),
        errno.ETXTBSY: _("正被别的程序使用"),
        errno.EADDRINUSE: _("已被别的程序占用"),
        errno.EADDRNOTAVAIL: _("这台电脑没有这个地址"),
    }
    return words.get(code) or _("系统错误 {n}").format(n=error.errno or type(error).__name__)
