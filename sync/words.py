"""The machine words of the exchange as sentences."""

from domain.words import _


def reason(word: str) -> str:
    """Why a change was held."""
    sentences = {
        "kind": _("这台电脑或县里的程序还不认识这种记录，升级后再处理。"),
        "field": _("这台电脑或县里的程序还不认识这一项，升级后再处理。"),
        "value": _("内容不合这一项的格式。"),
        "row": _("找不到要改的那条记录。"),
        "scope": _("这条记录不归本站，本站不能改。"),
        "rights": _("本站没有权力改这一项。"),
        "append": _("工资、发放这类账目填好后不能改，只能作废重填。"),
        "unreadable": _("这一批数据读不出来，原样留着。"),
        "parent": _("上级记录不在。"),
        "level": _("这一步不由本级办理，或这笔拨付不是县里记的。"),
        "path": _("这笔申请已经不在能办这一步的状态，可能别人先办了。"),
        "duties": _("谁录入谁不能审批，请换一位同事办。"),
        "enjoyed": _("同一个人同一年这一项已经批过或拨过，不能再批再拨。"),
        "signed": _("办理人与登录的用户不符。"),
    }
    return sentences.get(word, word)
