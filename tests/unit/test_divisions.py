"""Division codes: names, ladders, places as clerks write them, villages, regions, areas that cover."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import division_tables
from domain.divisions import (
    Level,
    Region,
    canonical,
    children,
    covers,
    exists,
    find,
    find_village,
    full_name,
    level,
    most_specific,
    name,
    parent,
    parse_place,
    region,
    region_label,
)

JIEFANG = "230826101202"
FOLDER = Path(division_tables.__file__).resolve().parent.parent / "resources" / "divisions"


def test_a_code_has_its_name_alone_and_from_the_province_down():
    assert name(JIEFANG) == "解放村"
    assert full_name(JIEFANG) == "黑龙江省佳木斯市桦川县横头山镇解放村"
    assert (name("210200"), full_name("210211")) == ("大连市", "辽宁省大连市甘井子区")
    assert full_name("110105") == "北京市朝阳区"
    assert (name("990000"), name("123456"), full_name("x")) == ("境外", None, None)
    assert exists("230671")
    assert not exists("230999")


def test_the_length_of_a_code_is_its_level():
    assert [level(code) for code in ("990000", "230000", "230800", "230826", "230826101", JIEFANG)] == [
        Level.ABROAD,
        Level.PROVINCE,
        Level.CITY,
        Level.COUNTY,
        Level.TOWNSHIP,
        Level.VILLAGE,
    ]
    assert level("2308") is None
    assert level("二三〇八二六") is None
    climbed, code = [], JIEFANG
    while (above := parent(code)) is not None:
        climbed.append(code := above)
    assert climbed == ["230826101", "230826", "230800", "230000"]
    assert (parent("110105"), parent("429004"), parent("990000")) == ("110000", "420000", None)
    assert "110105" in children("110000")
    assert JIEFANG in children("230826101")
    assert len(children("230000")) == 13
    assert len(children()) == 34
    assert children("210211") == ()


def test_every_place_hangs_on_the_ladder():
    for code in [*division_tables.national(), *division_tables.local()]:
        above = parent(code)
        assert above is None or code in children(above)
        assert (full_name(code) or "").endswith(name(code) or "?")


def test_the_size_of_the_table():
    counties = [code for code in division_tables.national() if code.startswith("23") and not code.endswith("00")]
    towns = [code for code in division_tables.local() if len(code) == 9]
    villages = [code for code in division_tables.local() if len(code) == 12]
    assert (len(counties), len(towns), len(villages)) == (126, 1703, 13877)


# ---------------------------------------------------------------- former days


def test_codes_of_former_days():
    assert canonical("230833") == "230883"
    assert (full_name("230833"), full_name("232723"), full_name("231121")) == (
        "黑龙江省佳木斯市抚远市",
        "黑龙江省大兴安岭地区漠河市",
        "黑龙江省黑河市嫩江市",
    )
    assert canonical(JIEFANG) == JIEFANG
    assert parse_place("抚远县") == "230883"
    assert parse_place("伊春市美溪区") == "230717"
    assert parse_place("青岛市即墨市") == "370215"
    assert covers("230833", "230883100")


def test_every_former_code_leads_to_one_in_force():
    with (FOLDER / "former.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["code"] not in division_tables.national()
            assert row["now"] in division_tables.national()
            assert "1990" < row["until"] < "2026"


# ---------------------------------------------------------------- places as written


@pytest.mark.parametrize(
    ("text", "code"),
    [
        # a roster of 外出务工, columns 省, 市, 县 joined, and a survey
        ("黑龙江省佳木斯市前进区", "230804"),
        ("辽宁省大连市甘井子区", "210211"),
        ("黑龙江省哈尔滨市道里区", "230102"),
        ("江苏省苏州市吴中区", "320506"),
        ("吉林省长春市朝阳区", "220104"),
        ("黑龙江省佳木斯市桦川县", "230826"),
        ("山东省青岛市黄岛区", "370211"),
        ("北京市北京市朝阳区", "110105"),
        # shorter, longer, otherwise
        ("大连", "210200"),
        ("大连甘井子", "210211"),
        ("大连甘井子区革镇堡街道某公司", "210211"),
        ("辽宁 大连 / 金州", "210213"),
        ("大连中山路", "210200"),
        ("佳木斯桦川横头山", "230826"),
        ("桦川", "230826"),
        ("桦川县横头山镇解放村", "230826"),
        ("北京", "110000"),
        ("北京市市辖区朝阳区", "110105"),
        ("重庆市县城口县", "500229"),
        ("上海浦东", "310115"),
        ("天津塘沽", "120116"),
        ("湖北省省直辖县级行政区划仙桃市", "429004"),
        ("新疆石河子", "659001"),
        ("内蒙呼伦贝尔", "150700"),
        ("吉林省吉林市船营区", "220204"),
        ("吉林市", "220200"),
        ("吉林", "220000"),
        ("江苏昆山", "320583"),
        ("昆山市", "320583"),
        ("东莞长安镇", "441900"),
        ("延边州", "222400"),
        ("广东省", "440000"),
        ("河北省桥西区", "130000"),  # three cities have one
        ("西安", "610100"),
        ("210200", "210200"),
        ("230833", "230883"),
        ("２１０２１１", "210211"),
        # beyond the border
        ("俄罗斯", "990000"),
        ("韩国首尔", "990000"),
        ("境外（俄罗斯）", "990000"),
        ("香港", "810000"),
        ("台湾", "710000"),
        # nobody can tell
        ("朝阳区", None),
        ("向阳区", None),
        ("和平饭店", None),
        ("家里", None),
        ("999999", None),
        ("", None),
    ],
)
def test_a_place_is_read_however_it_is_written(text, code):
    assert parse_place(text) == code


def test_home_settles_names_that_several_bear():
    assert parse_place("向阳区", home=JIEFANG) == "230803"
    assert parse_place("本县", home=JIEFANG) == "230826"
    assert parse_place("本县") is None
    assert parse_place("横头山镇东风村砖厂", home=JIEFANG) == parse_place("县城", home=JIEFANG) == "230826"
    assert parse_place("横头山镇") is None


def test_every_full_name_is_read_back():
    for code in division_tables.national():
        assert parse_place(full_name(code) or "") == code


@given(st.text())
def test_no_text_raises(text):
    found = parse_place(text)
    assert found is None or exists(found)
    find(text)
    find_village("230826", text, text)
    assert name(text) is None or exists(text)
    level(text)
    assert isinstance(covers(text, JIEFANG), bool)


# ---------------------------------------------------------------- villages


@pytest.mark.parametrize(
    ("county", "town", "village"),
    [
        ("230826", "横头山镇", "解放村"),
        ("230826", "横头山", "解放"),
        ("桦川县", "横头山镇", "解放村委会"),
        ("桦川县", "横头山镇", "解放村村民委员会"),
        ("230826", None, "解放村民委员会"),
        (None, "横头山镇", "解放村"),
        ("黑龙江省佳木斯市桦川县", "桦川县横头山镇", " 解放 村 "),
        ("230826", "横头山镇", "横头山镇解放村"),
        ("230826", "", "横头山镇解放村"),
        ("230826", "横头山镇人民政府", "解放行政村"),
        ("230826", "横头山镇", "桦川县横头山镇解放村"),
        ("桦川县", None, "黑龙江省佳木斯市桦川县横头山镇解放村民委员会"),
        ("230826", "横头山镇", "桦川县解放村"),
        ("230826", "横头山镇", "２３０８２６１０１２０２"),
        ("230826", "横头山镇", "解放村一组"),
        ("230826", None, "桦川县横头山镇解放村第3村民小组"),
        ("230826", "横头山镇", "解放村东屯"),
    ],
)
def test_find_village(county, town, village):
    assert find_village(county, town, village) == JIEFANG


def test_villages_that_are_not_found():
    assert find_village("230826", "横头山镇", "没有村") is None
    assert find_village("230826", "没有镇", "解放村") is None
    assert find_village(None, None, "解放村") is None  # there are many
    assert find_village("", "", "") is None
    assert find_village("230826", "横头山镇", "230826101999") is None
    assert find_village("230826", "横头山镇", "桦南县横头山镇解放村") is None
    assert find_village("230826", "星火朝鲜族乡", "星火村") == find_village("230826", "星火乡", "星火朝鲜族村")


def test_every_village_is_found_by_its_own_names():
    """All but the few whose names differ from a neighbour's by an ending only lead back to themselves."""
    missed = 0
    for town in children("230826"):
        for village in children(town):
            missed += find_village("230826", name(town), name(village) or "") != village
    assert missed == 0


# ---------------------------------------------------------------- finding while typing


@pytest.mark.parametrize("typed", ["大连", "dalian", "dlian", "dl", "dalia", "DALIAN", "210200"])
def test_dalian_is_found_first_however_it_is_typed(typed):
    assert find(typed)[0] == "210200"


def test_places_are_found_by_name_initials_and_within_another():
    assert find("大连甘井子") == ["210211"]
    assert "230826" in find("hc")
    assert "230826" in find("hcx")  # as 桦川县 is said and written
    assert "210200" in find("dalianshi") and "210200" not in find("dalianx")
    assert JIEFANG in find("jf", within="230826")
    assert find("解放", within="230826101") == [JIEFANG]
    assert find("", within="230826101")[0] == JIEFANG
    assert len(find("a", limit=3)) == 3
    assert find("没有这个地方") == []


# ---------------------------------------------------------------- regions and areas


@pytest.mark.parametrize(
    ("place", "where", "label"),
    [
        ("230826", Region.COUNTY, "县内"),
        ("230804", Region.CITY, "县外市内"),
        ("230800", Region.CITY, "县外市内"),
        ("230833", Region.CITY, "县外市内"),
        ("230102", Region.PROVINCE, "市外省内"),
        ("230000", Region.PROVINCE, "市外省内"),
        ("210211", Region.OUTSIDE, "省外"),
        ("110105", Region.OUTSIDE, "省外"),
        ("990000", Region.ABROAD, "境外"),
        ("810000", Region.ABROAD, "境外"),
    ],
)
def test_a_region_is_told_from_where_home_is(place, where, label):
    assert region(place, JIEFANG) is where
    assert region(place, "230826") is where
    assert region_label(where) == label


@pytest.mark.parametrize(
    ("area", "inside"),
    [
        ("230000", True),
        ("230800", True),
        ("230826", True),
        ("230826101", True),
        (JIEFANG, True),
        ("230826000000", True),
        ("230826101000", True),
        ("230827", False),
        ("230826102", False),
        ("230100", False),
        ("210000", False),
        ("", False),
        ("23", False),
    ],
)
def test_an_area_covers_the_villages_within_it(area, inside):
    assert covers(area, JIEFANG) is inside


def test_a_village_covers_no_county():
    assert not covers(JIEFANG, "230826")
    assert covers("230826", "230826")


def test_the_most_specific_wins():
    assert most_specific(["230000", "230826", "230800", "230827"], JIEFANG) == "230826"
    assert most_specific(["230000", JIEFANG], JIEFANG) == JIEFANG
    assert most_specific(["210000"], JIEFANG) is None
