"""`cunzhan`: the commands of the station's program. Without a command it opens the window."""

from __future__ import annotations

import sys

from cli.program import Argument, Command, Program, argument, calendar_year, plain_arguments, whole
from domain.words import _


def commands() -> tuple[Command, ...]:
    """All commands of the station, in the present language."""
    return (*_beginning(), *_rosters(), *_records(), *_attachments(), *_policy(), *_money(), *_exchange(), *_upkeep())


def _beginning() -> tuple[Command, ...]:
    scope = argument("--village", metavar="SCOPE", required=True, help=_("站点代码：村 12 位，乡镇 9 位，县 6 位"))
    role = argument("--role", choices=("village", "township", "county"), required=True, help=_("级别"))
    first = argument("--user", metavar="NAME", required=True, help=_("第一个用户，即本站管理员"))

    code = argument("--code", metavar="CODE", default="", help=_("县里给的注册码；已注册、县里只换了地址的不用写"))

    def server(**more: bool) -> tuple[Argument, ...]:
        return argument("--server", metavar="URL", help=_("县服务器地址"), **more), code

    made = (scope, role, first, *server())
    return (
        Command("desktop", _("打开窗口（不写命令时也是）"), "cli.window:desktop"),
        Command("init", _("建立加密的村站数据；带 --server 和 --code 时同时在县里注册"), "cli.exchange:init", made),
        Command("enrol", _("在县服务器注册这台电脑"), "cli.exchange:enrol", server(required=True)),
    )


def _rosters() -> tuple[Command, ...]:
    file = argument("file", metavar="FILE|-", help=_("文件；- 为标准输入或标准输出的 JSON Lines"))
    taken = (
        argument("--kind", metavar="KIND", help=_("记录类型（不写则自动识别）")),
        argument("--village", metavar="CODE", help=_("村代码")),
        argument("--column", metavar="HEADING=FIELD", action="append", default=[], help=_("认不出的列是什么，可写多个")),
        argument("--since", metavar="DATE", help=_("本表开始日期：表里没有写从什么时候起务工、上岗的，各行都按它记")),
        argument("--employer", metavar="NAME", help=_("本表单位：工资表没有写单位的，各行都按它记")),
        argument("--dry-run", action="store_true", help=_("只预览，不改动")),
    )
    written = (
        argument("--where", metavar="FIELD=VALUE", action="append", default=[], help=_("只导出符合条件的，可写多个")),
        argument("--template", metavar="NAME", help=_("表样")),
        *plain_arguments(),
    )
    kind = argument("kind", metavar="KIND|all", help=_("记录类型，或 all"))
    batch = argument("batch", metavar="BATCH", type=whole, help=_("导入批次号，或 audit acts 列出的编号"))
    return (
        Command("import", _("导入花名册（.xlsx .xls .et .csv .docx .txt .jsonl）"), "cli.rosters:take_in", (file, *taken)),
        Command("undo", _("撤销一整次导入，或别的一次改动"), "cli.rosters:undo", (batch,)),
        Command("export", _("导出（.xlsx .csv .jsonl）"), "cli.rosters:export", (kind, file, *written)),
        Command("fill", _("填上级表格：按台账填好上级发来的表；不写 OUT 时只列出能填哪些栏，不存文件"), "cli.filling:fill", _filled()),
        Command("template", _("县里自己的样表：列出、取空白样表、换上、恢复原样"), "cli.forms:template", _template()),
        Command(
            "report",
            _("台账：report list 列出，report NAME FILE 写出；月报：seal 报出，sealed 查看，verify 核对"),
            "cli.rosters:report",
            _report(),
        ),
    )


def _filled() -> tuple[Argument, ...]:
    return (
        argument("file", metavar="FILE", help=_("要填的表（.xlsx .xls .et .csv .docx）")),
        argument("out", metavar="OUT", nargs="?", help=_("填好的存到哪里（.xlsx）")),
        argument("--person", metavar="NAME|ID", help=_("一人一张的表填谁")),
        argument("--month", metavar="YYYY-MM", help=_("按村填数的表填哪个月的数；不写就是表题里的月份，表题没有就是本月")),
        argument("--who", metavar="LIST", help=_("表里没有名单时填哪些人：all、lifted、monitored、working、workshop、post、idle、unable")),
        *plain_arguments(),
    )


def _template() -> tuple[Argument, ...]:
    return (
        argument("action", choices=("list", "blank", "set", "drop"), help=_("列出、取空白样表、换上、恢复原样")),
        argument("name", metavar="NAME", nargs="?", help=_("表名，见 template list")),
        argument("file", metavar="FILE", nargs="?", help=_("文件")),
    )


def _report() -> tuple[Argument, ...]:
    return (
        argument("name", metavar="NAME|list", help=_("台账名，或 seal、sealed、verify")),
        argument("file", metavar="FILE", nargs="?", help=_("文件")),
        argument("--month", metavar="M", help=_("月份，如 2023-06")),
        argument("--id", metavar="ID", help=_("记录编号")),
        argument("--year", metavar="Y", type=calendar_year, help=_("哪一年（车间工资发放表的收入核算期，targets 的年度目标）")),
        argument("--corrections", action="store_true", help=_("报出时带上以前月份的补报、更正")),
        *plain_arguments(),
    )


def _records() -> tuple[Command, ...]:
    one = (argument("kind", metavar="KIND", help=_("记录类型，如 person")), argument("id", metavar="ID", help=_("记录编号")))
    person = (argument("id", metavar="ID", help=_("人员编号")), argument("into", metavar="INTO", help=_("并入哪个人")))
    compared = argument("--compared", action="store_true", help=_("两个号码都正确而且不同，也已核实是同一个人"))
    text = argument("text", metavar="TEXT", help=_("要找的"))
    limit = argument("--limit", metavar="N", type=whole, default=20, help=_("最多几条"))
    day = argument("--on", metavar="DATE", help=_("按哪一天算，如 2023-06-05"))
    repeats = argument("--delete-repeats", action="store_true", help=_("登记了两次的每样留一条，多记的删去；可撤销"))
    return (
        Command("delete", _("删除一条记录（可恢复）"), "cli.records:delete", one),
        Command("undelete", _("恢复一条删除的记录"), "cli.records:undelete", one),
        Command("search", _("按姓名、拼音、首字母、证件或电话末几位、村民小组查找"), "cli.records:search", (text, limit)),
        Command("history", _("一条记录的每次改动"), "cli.records:history", (*one, *plain_arguments())),
        Command("matches", _("疑似同一人或重复登记的记录"), "cli.merging:matches", _sure()),
        Command("apart", _("记为不是同一人：apart ID OTHER；--undo 取消"), "cli.merging:apart", _apart()),
        Command("merge", _("把一个人并入另一个：merge ID INTO"), "cli.merging:merge", (*person, compared)),
        Command("unmerge", _("取消合并：unmerge ID"), "cli.merging:unmerge", person[:1]),
        Command(
            "changes",
            _("待确认的变更：姓名、证件号码、账号、死亡日期、人员类别；changes confirm ID 确认"),
            "cli.records:unconfirmed",
            _changes(),
        ),
        Command(
            "household", _("一户人：show 查看，split 分户，join 迁入另一户或合户，head 换户主"), "cli.households:household", _household()
        ),
        Command(
            "survey",
            _("摸排表：survey list 列出，show 各村进度和答案，make 新建，close 结束；用 import 收回填好的，report survey 打印"),
            "cli.surveys:survey",
            _survey(),
        ),
        Command("check", _("一键体检：数据质量"), "cli.records:check", (repeats,)),
        Command("alerts", _("到期提醒"), "cli.records:alerts", (day,)),
    )


def _sure() -> tuple[Argument, ...]:
    return (
        argument("--merge-sure", action="store_true", help=_("号码正确而且相同、姓名一样的，一次合并；可撤销")),
        argument("--dry-run", action="store_true", help=_("只预览，不改动")),
    )


def _apart() -> tuple[Argument, ...]:
    return (
        argument("id", metavar="ID", help=_("人员编号")),
        argument("other", metavar="OTHER", help=_("另一个人")),
        argument("--reason", metavar="TEXT", help=_("怎么核实的")),
        argument("--undo", action="store_true", help=_("取消，重新列出")),
    )


def _household() -> tuple[Argument, ...]:
    return (
        argument("action", choices=("show", "split", "join", "head"), help=_("查看、分户、迁入另一户或合户、换户主")),
        argument("id", metavar="ID", help=_("户的编号，或这一户任何一人的编号")),
        argument("--who", metavar="ID", action="append", help=_("谁走，可写多个（合户不写就是全家）")),
        argument("--head", metavar="ID", help=_("谁当户主：分户时新户的，换户主时本户的")),
        argument("--left-head", metavar="ID", help=_("户主走了，留下的人里谁当户主")),
        argument("--relation", metavar="ID=RELATION", action="append", help=_("与新户主的关系，可写多个；能推出来的不用写")),
        argument("--into", metavar="ID", help=_("迁入哪一户：户的编号，或那一户任何一人的编号")),
        argument("--emptied", choices=("keep", "delete"), help=_("原来的一户没有人了：留着或删除")),
        argument("--number", metavar="TEXT", help=_("新户的户编号")),
        argument("--address", metavar="TEXT", help=_("新户的地址")),
        argument("--group", metavar="TEXT", help=_("新户的村民小组")),
        argument("--dry-run", action="store_true", help=_("只预览，不改动")),
    )


def _survey() -> tuple[Argument, ...]:
    return (
        argument(
            "action",
            choices=("list", "show", "make", "close", "reopen", "delete"),
            help=_("列出、看进度和答案、新建、结束、重新开始、删除"),
        ),
        argument("id", metavar="ID", nargs="?", help=_("摸排表的编号")),
        argument("--title", metavar="TEXT", help=_("摸排名称")),
        argument(
            "--about",
            metavar="WHO",
            help=_("问哪些人：poor 脱贫人口和监测对象（不写就是）、lifted、monitored、labour、away、heads 每户户主、everyone"),
        ),
        argument("--due", metavar="DATE", help=_("截止日期")),
        argument("--note", metavar="TEXT", help=_("填写说明")),
        argument(
            "--item",
            metavar="TEXT",
            action="append",
            help=_(
                "一个问题，如 想去哪里:选一个:南方、本县。怎么答：是或否 yes_no、选一个 choice、可选几个 choices、数字 number、日期 date、"
                "文字 text（不写就是），中英文都可以；问题后面写 ? 可以不填；最后再写 :1=是，第 1 题答「是」的才问。可写多个"
            ),
        ),
    )


def _changes() -> tuple[Argument, ...]:
    return (
        argument("action", nargs="?", choices=("confirm", "dispute", "explain"), help=_("确认、提出异议、改动人写原因")),
        argument("id", metavar="ID", nargs="?", help=_("变更的编号")),
        argument("--plain", action="store_true", help=_("显示完整内容（身份证号、电话、账号），须写明原因")),
        argument("--reason", metavar="TEXT", help=_("说明、异议或原因")),
    )


def _attachments() -> tuple[Command, ...]:
    kind = argument("kind", metavar="KIND", help=_("记录类型，如 person"))
    id = argument("id", metavar="ID", help=_("记录编号"))
    file = argument("file", metavar="FILE", help=_("图片、PDF 或办公文档，最大 10 MB"))
    pages = argument("files", metavar="FILE", nargs="+", help=_("照片（.jpg .png .bmp）或扫描的 PDF"))
    of = (
        argument("kind", metavar="KIND", nargs="?", help=_("记录类型，如 person")),
        argument("id", metavar="ID", nargs="?", help=_("记录编号")),
    )
    save = (
        argument("action", choices=("save",), help=_("另存")),
        argument("id", metavar="ID", help=_("附件编号")),
        argument("file", metavar="FILE", help=_("写到哪个文件或文件夹")),
    )
    return (
        Command("attach", _("给一条记录添加附件（删除用 delete attachment ID）"), "cli.records:attach", (kind, id, file)),
        Command("attachments", _("列出附件"), "cli.records:attachments", of),
        Command("signed", _("收回签好的表：照片、扫描件按页角的码归到各自的申请、公示、单位"), "cli.records:signed", (pages,)),
        Command("attachment", _("取出附件：attachment save ID FILE"), "cli.records:attachment", save),
    )


def _money() -> tuple[Command, ...]:
    claim = (
        argument("action", choices=("file", "step", "list", "refund", "dossier"), help=_("提出、办理一步、列出、登记退款、写审计包")),
        argument("id", metavar="ID", nargs="?", help=_("申请编号")),
        argument("file", metavar="FILE", nargs="?", help=_("审计包写到哪个 .zip")),
        argument("--reason", metavar="TEXT", help=_("写审计包的理由，会记入日志")),
        argument("--rule", metavar="R", help=_("补助项目，如 R03")),
        argument("--person", metavar="ID", help=_("人员编号")),
        argument("--employer", metavar="ID", help=_("单位编号")),
        argument("--record", metavar="ID", help=_("所据记录的编号（一年有几笔时）")),
        argument("--year", metavar="Y", type=calendar_year, help=_("年度")),
        argument("--to", metavar="STATE", help=_("进入的状态")),
        argument("--opinion", metavar="TEXT", help=_("意见；登记退款的写凭证")),
        argument("--state", metavar="S", help=_("只列这个状态的")),
    )
    funds = (
        argument("--year", metavar="Y", type=calendar_year, help=_("年度（不写则今年）")),
        argument("--fund", metavar="FUND", help=_("资金渠道：名称或代码，如 衔接资金、bridging")),
        argument("--ceiling", metavar="YUAN", type=whole, help=_("定这项资金这一年的额度，整元（县里）")),
    )
    notice = (
        argument("action", choices=("make", "close"), help=_("做公示、登记结果")),
        argument("id", metavar="ID", nargs="?", help=_("公示编号")),
        argument("--level", choices=("village", "township", "county"), help=_("级别")),
        argument("--start", metavar="D", help=_("从哪天起，如 2023-06-05")),
        argument("--days", metavar="N", type=whole, help=_("公示几天")),
        argument("--day-kind", choices=("calendar", "working"), default="calendar", help=_("自然日或工作日")),
        argument("--claims", metavar="ID,…", help=_("哪些申请（不写就是等着公示的全部）")),
        argument("--place", metavar="TEXT", help=_("公示地点")),
        argument("--phone", metavar="TEXT", help=_("监督电话")),
        argument("--result", choices=("clear", "objected"), help=_("无异议或有异议")),
    )
    return (
        Command(
            "claim",
            _("补助申请：claim file、claim step ID --to STATE、claim list、claim refund ID、claim dossier ID FILE"),
            "cli.claims:claim",
            claim,
        ),
        Command("funds", _("资金额度：各项资金的额度、已拨、余额；--fund F --ceiling 元 定额度（县里）"), "cli.claims:balances", funds),
        Command("notice", _("公示：notice make、notice close ID --result clear|objected"), "cli.claims:notice", notice),
    )


def _policy() -> tuple[Command, ...]:
    judged = (
        argument("--rule", metavar="R", help=_("只判一条规则，如 R03")),
        argument("--year", metavar="Y", type=calendar_year, help=_("年度（不写则每个有事实的年度）")),
        argument("--on", metavar="DATE", help=_("按哪一天算，如 2023-06-05")),
    )
    person = argument("--person", metavar="ID", help=_("只看一个人"))
    packs = (
        argument("action", choices=("list", "check", "evaluate"), help=_("列出、检查、判定")),
        argument("pack_file", metavar="PACK", nargs="?", help=_("要检查的政策包：文件或名称")),
        argument("--facts", metavar="FILE|-", help=_("事实，JSON Lines")),
        argument("--pack", metavar="FILE", action="append", default=[], help=_("按这个政策包判，可写多个")),
        argument("--set", metavar="RULE.PARAM=VALUE", action="append", default=[], help=_("设定参数，视为县里已确认")),
    )
    return (
        Command("policy", _("政策：policy list、policy check PACK、policy evaluate --facts FILE"), "cli.policy:policy", (*packs, *judged)),
        Command("screen", _("筛查：谁符合还没有申请、谁申请了不符合、谁快够条件"), "cli.policy:screen", (*judged, person)),
    )


def _exchange() -> tuple[Command, ...]:
    conflicts = (
        argument("action", nargs="?", choices=("resolve",), help=_("定夺一个冲突")),
        argument("id", metavar="ID|all", nargs="?", help=_("冲突编号，或 all：本站能定的全部")),
        argument("--keep", metavar="mine|theirs|VALUE", help=_("留哪个值")),
        argument("--all", action="store_true", help=_("连已定夺的一起列出")),
        *plain_arguments(),
    )
    bundle = (
        argument("action", choices=("write", "read"), help=_("写出或读入")),
        argument("file", metavar="FILE", help=_("U 盘上的文件")),
        argument("--code", metavar="CODE", help=_("县里给的注册码：写一份注册申请")),
        argument("--reply", metavar="FILE", help=_("乡镇读入村里的文件时，写给村里的回执和答复")),
    )
    courier = (
        argument("action", choices=("serve", "send"), help=_("乡镇打开收件；村里交给乡镇并取回答复")),
        argument(
            "address", metavar="ADDRESS", nargs="?", default="", help=_("乡镇屏幕上的地址，不写就在局域网里找；serve 可以写本机的一个地址")
        ),
        argument("--code", metavar="CODE", default="", help=_("乡镇屏幕上的六位码")),
    )
    released = (
        argument("action", nargs="?", choices=("release",), help=_("放行：原因消除后再做一次")),
        argument("id", metavar="ID|all", nargs="?", help=_("搁置的编号，或 all")),
    )
    audited = (
        argument("action", choices=("verify", "views", "acts"), help=_("核对哈希链、谁看过完整内容、这台电脑上做过什么")),
        argument("number", metavar="NUMBER", nargs="?", type=whole, help=_("acts 的编号：这一批动了哪些记录")),
    )
    return (
        Command("sync", _("与县服务器交换一次"), "cli.exchange:sync"),
        Command("bundle", _("用 U 盘交换：bundle write FILE 写出，bundle read FILE 读入"), "cli.bundles:bundle", bundle),
        Command("courier", _("在同一个局域网里交换：乡镇 courier serve，村里 courier send --code CODE"), "cli.bundles:courier", courier),
        Command(
            "conflicts", _("两处同时改动的地方；conflicts resolve ID --keep mine|theirs|VALUE 定夺"), "cli.exchange:conflicts", conflicts
        ),
        Command("held", _("搁置的改动和原因；held release ID 放行"), "cli.exchange:held", (*released, *plain_arguments())),
        Command("audit", _("审计：audit verify 核对哈希链，audit views 谁看过完整内容，audit acts 做过什么"), "cli.audit:audit", audited),
    )


def _upkeep() -> tuple[Command, ...]:
    file = argument("file", metavar="FILE", help=_("备份文件"))
    package = (
        argument(
            "file",
            metavar="FILE",
            nargs="?",
            help=_("升级包，县里的签发文件放在它旁边；不写则向县服务器要"),
        ),
        argument("--dry-run", action="store_true", help=_("只核对，不升级")),
        argument("--back", action="store_true", help=_("用回升级前的程序")),
    )
    return (
        Command("status", _("待上传、上次同步、备份、时钟"), "cli.upkeep:status"),
        Command("backup", _("备份到一个文件（加密并核对过）"), "cli.upkeep:backup", (file,)),
        Command("restore", _("从备份恢复；原有数据移到一旁，不删除"), "cli.upkeep:restore", (file,)),
        Command("rekey", _("换新密钥：旧备份里的密钥文件不再打得开现在的数据"), "cli.upkeep:rekey"),
        Command("upgrade", _("升级程序：核对县里签发的升级包，备份，装到旁边并试运行"), "cli.upgrading:upgrade", package),
        Command("self-test", _("自检：新建、升级、打开每一页、打印、同步"), "cli.self_test:self_test"),
    )


PROGRAM = Program("cunzhan", lambda: _("村站通：村级就业服务台账，离线可用"), commands, default="desktop")


if __name__ == "__main__":
    sys.exit(PROGRAM.main())
