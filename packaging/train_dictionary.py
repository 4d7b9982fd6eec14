"""Train the dictionary that small batches are compressed with, on invented changes of every declared kind.

    python packaging/train_dictionary.py VERSION        writes resources/dictionaries/VERSION.zstd

A released dictionary is never trained again: batches in the logs need it for ever. A better one gets the next number.
"""

import random
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import zstandard

import domain.records  # noqa: F401  (fills KINDS)
from domain.fields import KINDS, Field, Kind
from domain.values import Stored, Type, canonical_json
from sync.wire.columns import Change, encode, grouped, stamp

SIZE = 16 * 1024
SAMPLES = 4000
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国春梅海燕文志红永福德成凤云"
PHRASES = (
    "在外务工 农忙时返乡 家中有承包地 季节性就业 建筑工地 餐饮服务 保安 保洁 家政服务 电焊工 驾驶员 种植养殖 木耳大棚 合作社 公益性岗位 "
    "护林员 保洁员 照顾老人 子女上学 身体不便 不宜外出 已入户核实 已电话核实 有意参加培训 愿意就近就业 需要岗位推荐 由村干部代填 第一小组 "
    "第二小组 第三小组 有限公司 劳务派遣 农业银行 农村信用社 邮储银行 黑龙江省 佳木斯市 桦川县 哈尔滨市 山东省 北京市 合同到期 春节后返岗"
)


class Run:
    """A run of the program: ids share their beginning, as `db.ids` makes them."""

    def __init__(self, rng: random.Random) -> None:
        self.salt = f"{rng.getrandbits(64):016x}"
        self._station = f"{rng.getrandbits(24):06x}"
        self._made = 0

    def new(self) -> str:
        """The next id."""
        self._made += 1
        return uuid(f"{self.salt}{self._station}{self._made:010x}")


def uuid(h: str) -> str:
    """32 hexadecimal digits as an id."""
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


class Invention:
    """Invented values, the same on every run."""

    def __init__(self) -> None:
        self.rng = random.Random(1)
        self.phrases = PHRASES.split()
        self.known = [f"{self.rng.getrandbits(96):024x}" for _n in range(40)]

    def reference(self) -> str:
        """An id of one of a few earlier program runs."""
        return uuid(self.rng.choice(self.known) + f"{self.rng.randrange(2**12):08x}")

    def day(self) -> str:
        """A day of the years that matter."""
        return f"{self.rng.choice((2022, 2023, 2024, 2025, 2026))}-{self.rng.randint(1, 12):02d}-{self.rng.randint(1, 28):02d}"

    def value(self, f: Field) -> Stored:
        """A stored value of a field."""
        rng = self.rng
        if f.choices:
            code = rng.choice(list(f.choices))
            return canonical_json([code]) if f.type is Type.SET else code
        made: dict[Type, Callable[[], Stored]] = {
            Type.YUAN: lambda: rng.choice((300_00, 500_00, 800_00, 1500_00, 2000_00)) * rng.randint(1, 4),
            Type.INT: lambda: rng.randint(1, 31),
            Type.BOOL: lambda: rng.randint(0, 1),
            Type.DATE: self.day,
            Type.FDATE: self.day,
            Type.MONTH: lambda: self.day()[:7],
            Type.DATETIME: lambda: f"{self.day()}T0{rng.randint(0, 9)}:{rng.randint(10, 59)}:00Z",
            Type.ID: self.reference,
            Type.IDS: lambda: canonical_json([self.reference()]),
            Type.AREA: self.place,
            Type.PLACE: self.place,
            Type.SECRET: lambda: str(rng.randrange(10**10, 10**11)),
        }
        return made.get(f.type, lambda: self.text(f))()

    def place(self) -> str:
        """A division's code."""
        return self.rng.choice(("230826101202", "230826", "230100", "110000", "370200"))

    def text(self, f: Field) -> str:
        """Free text."""
        rng = self.rng
        if f.name == "name":
            return rng.choice(SURNAMES) + "".join(rng.choice(GIVEN) for _n in range(rng.choice((1, 2, 2))))
        return rng.choice(f.suggestions) if f.suggestions else "，".join(rng.choice(self.phrases) for _n in range(rng.randint(1, 3)))

    def batch(self) -> bytes:
        """The body of a small batch: records made and fields changed by one program run in one sitting."""
        rng, run = self.rng, Run(self.rng)
        at, seq, changes = rng.randrange(1_690_000_000, 1_800_000_000), rng.randrange(1, 10**5), list[Change]()
        kinds = rng.sample(list(KINDS.values()), rng.randint(1, 3))
        for n in range(rng.choice((1, 1, 2, 3, 5, 10, 30, 100))):
            kind = rng.choice(kinds)
            what = rng.choice("IIUUUUUUD")
            changes.append(self.change(kind, what, run, seq + n, at + n * rng.choice((0, 0, 7))))
        return encode(grouped(changes))[1]

    def change(self, kind: Kind, what: str, run: Run, seq: int, at: int) -> Change:
        """One invented change."""
        rng = self.rng
        fields = {"I": [f for f in kind.fields if rng.random() < 0.7], "D": []}.get(what) or rng.sample(list(kind.fields), 1)
        values = {f.number: self.value(f) for f in fields} if what != "D" else {}
        row_id = run.new() if what == "I" else self.reference()
        return Change(seq, kind.number, row_id, what, "李文书@230826101202-0badcafe", stamp(at), run.salt, values)


def main() -> None:
    """Train and write."""
    target = ROOT / "resources" / "dictionaries" / f"{int(sys.argv[1])}.zstd"
    if target.exists():
        raise SystemExit(f"{target.name} is there already: a released dictionary is never trained again")
    invention = Invention()
    made = zstandard.train_dictionary(SIZE, [invention.batch() for _n in range(SAMPLES)], level=4)
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(made.as_bytes())


if __name__ == "__main__":
    main()
