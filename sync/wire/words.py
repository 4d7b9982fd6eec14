"""Sentences for the reason and status codes of an exchange and of a bundle: what happened, what it means for the data, what to do."""

from collections.abc import Callable, Mapping

from domain.claims import sentence
from domain.errors import CunzhanError
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


_SENTENCES: dict[str, Callable[[], str]] = {
    "foreign": lambda: _("这不是村站通的 U 盘文件。没有改动任何内容。"),
    "unreadable": lambda: _("这个文件读不出来：找不到它，U 盘已拔下，或者 U 盘坏了。没有改动任何内容。"),
    "folder": lambda: _("这是一个文件夹。没有改动任何内容，请写明其中的 U 盘文件（.czb）。"),
    "cut": lambda: _("U 盘文件读到一半读不出来了，可能 U 盘被拔下。读到的已经收好，请插好再读一次，会接着收。"),
    "damaged": lambda: _("这个 U 盘文件不完整或已损坏。没有改动任何内容，请从原来的电脑重新写一份。"),
    "large": lambda: _("这个 U 盘文件太大，不能用。没有改动任何内容。"),
    "newer": lambda: _("这个 U 盘文件是新版程序写的，请先升级村站通。没有改动任何内容。"),
    "county": lambda: _("这个 U 盘文件是另一个县（或练习村）的，这里不能读入。没有改动任何内容。"),
    "station": lambda: _("这个 U 盘文件不是给这台电脑的，这里不能读入。没有改动任何内容。"),
    "own": lambda: _("这是本站写给县里的文件，还没有县里的答复。请交给乡镇或县里。没有改动任何内容。"),
    "answers": lambda: _("这是县里给村站、乡镇的答复，请拿到写它的电脑上读入。没有改动任何内容。"),
    "sealed": lambda: _("这个 U 盘文件打不开：不是写给这里的，或者被改动过。没有改动任何内容。"),
    "signature": lambda: _("这个 U 盘文件的签名不对，可能被改动过。没有改动任何内容，请从原来的电脑重新写一份。"),
    "unknown": lambda: _("写这个文件的电脑没有在县里注册。没有改动任何内容，请先给它注册。"),
    "revoked": lambda: _("写这个文件的电脑已被县里停用。没有改动任何内容，它的数据都还在那台电脑上。"),
    "code": lambda: _("这份注册申请里的注册码不对，请县管理员重新发一个。没有改动任何内容。"),
    "expired": lambda: _("这份注册申请里的注册码已过期，请县管理员发一个新的。"),
    "taken": lambda: _("这份注册申请里的注册码已被别的电脑用过，请县管理员发一个新的。"),
    "scope": lambda: _("这份注册申请里的注册码是给别的站点的，请县管理员发一个本站的。"),
    "gap": lambda: _("前面还缺一段没有收到，这一份已经收好，等前面的来了再并入。数据一条也没有丢。"),
    "parted": lambda: _("县里恢复过备份，缺这台电脑以前交过的数据。数据都在本机，请再写一份交给县里，会自动补交。"),
    "broken": lambda: _("里面的数据签名或格式不对，没有并入。数据都在写它的电脑上。"),
    "fork": lambda: _("这台电脑的数据像是从备份恢复的，或被复制到了另一台电脑。数据都在，请再写一次 U 盘送到县里。"),
    "first": lambda: _("这台电脑还没有在县里注册。请用县里给的注册码先写一份注册申请，交给县里。"),
    "joined": lambda: _("这台电脑已经注册好了，这份答复不用再读。没有改动任何内容。"),
    "others": lambda: _("U 盘里的文件是给别的电脑的，或者早已读过，没有给这台电脑的。没有改动任何内容，请看是不是拿错了 U 盘。"),
    "nothing": lambda: _("U 盘里没有给这台电脑的文件。没有改动任何内容，请看是不是拿错了 U 盘。"),
    "full": lambda: _(
        "这里代收的 U 盘文件太多了，这一份没有再收，还在原来的 U 盘里。请先同步，或者写一份 U 盘交给县里、读回答复，再来收。"
    ),
    "old": lambda: _("这是很早以前的答复，已经用不上了。没有改动任何内容，请重新写一份交给县里。"),
}
RIGHTS = frozenset({"unknown", "revoked", "code", "expired", "taken", "scope", "fork"})
"""Codes of refusals for lack of rights: the program exits with 5."""


class BundleError(CunzhanError):
    """A bundle that cannot be accepted; nothing was changed. `word`: the code of the reason."""

    def __init__(self, word: str) -> None:
        super().__init__(bundle_sentence(word))
        self.word = word
        if word in RIGHTS:
            self.exit_code = 5


def bundle_sentence(word: str) -> str:
    """Return the sentence for a code; a general one for an unknown code."""
    return _SENTENCES[word]() if word in _SENTENCES else _("县里没有接受这个 U 盘文件。")
