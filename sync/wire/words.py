"""Sentences for the reason and status codes of an exchange: what happened, what it means for the data, what to do."""

from collections.abc import Callable, Mapping

from domain.claims import sentence
from domain.words import _

REASONS: Mapping[str, Callable[[], str]] = {
    "kind": lambda: _("这种记录是新版程序做的，这里还不认识，先原样留着。升级以后可以放行。"),
    "field": lambda: _("这一项是新版程序加的，这里还不认识，先原样留着。升级以后可以放行。"),
    "value": lambda: _("内容不合这一项的格式，或者必填的项没有填，没有生效。请核对后在记录里重新填。"),
    "row": lambda: _("找不到要改的那条记录，可能它还没有传到。等它到了可以放行。"),
    "scope": lambda: _("这是别的村的记录，或者是写别的村的人的，做这个改动的站不能改。请告诉那个村，或请上级放行。"),
    "rights": lambda: _("做这个改动的站没有权限改那个单位的数据，没有生效。请告诉那个单位，或请上级放行。"),
    "append": lambda: _("工资、发放这类账目填好后不能改，没有生效。请另记一笔更正。"),
    "unreadable": lambda: _("这一批数据读不出来，原样留着，没有丢。请联系县管理员。"),
    "moved": lambda: _("这条记录已迁到别的村，改动由县里转过去了，不用再做什么。"),
    "erased": lambda: _("这个人的信息已按规定删除，这处改动没有生效。写他的内容也一起删了；写别人的还在这里，要用请重新录。"),
    "parent": lambda: _("它所属的记录不在，先留着。请恢复那条记录，或把这一条也删掉。"),
    "level": lambda: _(
        "这一步（或这次公示、这条上级记的）不由本级办理，收到的异议、有申请在办的公示不能删，拨付由县里记。请由该办的来办。"
    ),
    "path": lambda: _("这笔申请已经办到别的一步了，这一步不用再办，也不能再改。请打开申请看现在到哪一步。"),
    "fixed": lambda: sentence("fixed", ""),
    "amount": lambda: _("拨付金额与批准的金额不一样，没有生效。请核对后重新拨付。"),
    "ceiling": lambda: _("超过了县里定的这项资金的年度额度，没有拨。请先追加额度，再重新拨付。"),
    "duties": lambda: _("谁录入谁不能审批、不能拨付，请换一位同事办。"),
    "reviewed": lambda: sentence("reviewed", ""),
    "enjoyed": lambda: _("同一个人同一年这一项已经批过或拨过，不能再批再拨。请先查那一笔。"),
    "unseen": lambda: _("另一台电脑同时批了这个人这一项的另一笔，批的时候这里还没看到。请看过那一笔，再批一次。"),
    "signed": lambda: _("办理人与登录的用户不符，没有生效。请用自己的用户登录后再办。"),
}
"""Sentences by the reason for which a change was held."""

REFUSALS: Mapping[str, Callable[[], str]] = {
    "prove": lambda: _("县服务器不认识这台电脑的签名。没有上传的数据都在本机，请联系县管理员重新注册。"),
    "unknown": lambda: _("县服务器不认识这台电脑。没有上传的数据都在本机，请联系县管理员重新注册。"),
    "revoked": lambda: _("县里已停用这台电脑。没有上传的数据都在本机，没有丢失，请联系县管理员。"),
    "newer": lambda: _("县服务器的程序比这台电脑旧，暂时不能同步。数据都在本机，等县里升级后会再传。"),
    "fork": lambda: _("县服务器发现这台电脑的数据像是从备份恢复的，或被复制到了另一台电脑。数据都在本机，没有改动，请联系县管理员。"),
    "gap": lambda: _(
        "县服务器缺少这台电脑以前上传的数据，可能是县里恢复了备份。数据都在本机，请再同步一次，没有网络就再写一份 U 盘，会自动补交。"
    ),
    "broken": lambda: _("县服务器没有接受这台电脑的数据：签名或格式不对。数据都在本机，请联系县管理员。"),
}
"""Sentences by the status with which the county refused an exchange."""


def reason(word: str) -> str:
    """Return the sentence for the reason why a change was held; an unknown reason is returned unchanged."""
    return REASONS[word]() if word in REASONS else word


def refusal(status: str) -> str:
    """Return the sentence for a status other than ok; a general one for an unknown status."""
    return REFUSALS[status]() if status in REFUSALS else _("县服务器没有接受这次同步。数据都在本机，请联系县管理员。")
