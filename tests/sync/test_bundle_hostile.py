"""Whatever lies on a stick: damaged, forged, replayed, too large or no file at all. It is refused in a sentence and changes nothing."""

from __future__ import annotations

import contextlib
import errno
import os
import random
from collections.abc import Callable, Sequence
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from domain.codes import ALPHABET, check_code, receipt_code
from domain.errors import CunzhanError, DomainError, InputUnusable
from sync.county.keys import county_keys
from sync.replica import identity
from sync.station.asking import request
from sync.station.stick import reading, writing
from sync.wire import bundle
from sync.wire import messages as wire
from sync.wire.bundle import MAGIC, Index
from sync.wire.words import BundleError
from tests.sync.conftest import TOWNSHIP, VILLAGE, World, add, assert_equal, unsent
from tests.sync.sticks import Sticks, everything

KEY = SigningKey(bytes(range(32)))
INDEX = Index(
    format=1,
    kind="up",
    county="c",
    station="s",
    scope=VILLAGE,
    incarnation=1,
    first=1,
    last=2,
    records=3,
    at="2026-11-26T04:35:00Z",
)


def file_bytes(bundles: Sequence[bytes]) -> bytes:
    return b"".join(bundle.file_parts(bundles))


class Corner:
    """A bundle on its way to each of its three readers."""

    def __init__(self, sticks: Sticks) -> None:
        self.sticks = sticks
        self.village, self.township = sticks.station("村", VILLAGE), sticks.station("镇", TOWNSHIP)
        for _n in range(3):
            add(self.village)
        self.up = sticks.write(self.village)
        self.down = sticks.county(self.up)

    def readers(self) -> list[tuple[Path, Callable[[Path], object]]]:
        return [
            (self.up, self.sticks.taken),
            (self.up, lambda path: reading.read(self.township, path)),
            (self.down, lambda path: reading.read(self.village, path)),
        ]

    def all(self) -> list[str]:
        return [everything(where) for where in (self.village, self.township, self.sticks.world.county)]


def refused(read: Callable[[Path], object], path: Path) -> None:
    with pytest.raises(CunzhanError) as error:
        read(path)
    assert error.value.exit_code in (3, 5)
    assert len(str(error.value).splitlines()) == 1


def test_damaged_copies_change_nothing(sticks: Sticks) -> None:
    corner = Corner(sticks)
    before, seed, path = corner.all(), random.randrange(2**32), sticks.path()
    chance = random.Random(seed)
    for source, read in corner.readers():
        data = source.read_bytes()
        cuts = [0, 1, 7, 8, 9, 12, len(data) - 33, len(data) - 32, len(data) - 31, len(data) - 1, *chance.sample(range(len(data)), 12)]
        flips = [*range(12), len(data) - 33, len(data) - 1, *chance.sample(range(len(data)), 30)]
        copies = [data[:cut] for cut in cuts]
        copies += [data[:n] + bytes([data[n] ^ (1 << chance.randrange(8))]) + data[n + 1 :] for n in flips]
        for damaged in (*copies, data + b"x", data + data, data[::-1]):
            path.write_bytes(damaged)
            refused(read, path)
    assert corner.all() == before, seed


def test_forged_copies_change_nothing(sticks: Sticks) -> None:
    """As above, by somebody who makes the check sum anew. A township cannot know a village's signature: it carries, the county refuses."""
    corner = Corner(sticks)
    before, seed, path = corner.all(), random.randrange(2**32), sticks.path()
    chance = random.Random(seed)
    for source, read in (corner.readers()[0], corner.readers()[2]):
        (one,) = bundle.read_file(source)
        for place in (*range(8), *chance.sample(range(len(one.raw)), 60)):
            forged = one.raw[:place] + bytes([one.raw[place] ^ (1 << chance.randrange(8))]) + one.raw[place + 1 :]
            path.write_bytes(file_bytes([forged]))
            refused(read, path)
    assert corner.all() == before, seed


def test_somebody_elses_signature(sticks: Sticks, world: World) -> None:
    """Another enrolled station cannot speak for a village, nor quote its bundle as its own."""
    village, thief = sticks.station("村", VILLAGE), sticks.station("贼", VILLAGE)
    add(village)
    (genuine,) = bundle.read_file(sticks.write(village))
    with thief.read() as session:
        me = identity.load(session)
        assert me is not None
        said = wire.pack(request(session, me, [], 1000, vector=True))
    keys = county_keys(world.county)
    index, own = genuine.index, msgspec.structs.replace(genuine.index, station=thief.station)
    stolen = wire.read(wire.Request, bundle.unseal_at_county(keys.signing, genuine.body))
    before = everything(world.county)
    for forged in (
        bundle.make(index, genuine.body, me.signing),
        bundle.make(own, genuine.body, me.signing),  # what the village said, under the thief's name
        bundle.make(own, bundle.seal_to_county(keys.public, wire.pack(stolen)), me.signing),
        bundle.make(index, bundle.seal_to_county(keys.public, said), me.signing),
        bundle.make(own, bundle.seal_to_county(keys.public, b"nonsense"), me.signing),
        bundle.make(own, b"not sealed", me.signing),
        bundle.make(own, b"", me.signing),
    ):
        refused(sticks.taken, sticks.file(forged))
    assert everything(world.county) == before


def test_what_only_the_county_may_say(sticks: Sticks, world: World) -> None:
    village = sticks.station("村", VILLAGE)
    add(village)
    up = sticks.write(village)
    (answer,) = bundle.read_file(sticks.county(up))
    with village.read() as session:
        me, seal_key = identity.load(session), bytes(identity.sealing_key(session).public_key)
    assert me is not None
    lie = wire.pack(wire.Answer(status="fork", time=0, incarnation=7))
    before = everything(village)
    for forged in (
        bundle.make(answer.index, answer.body, KEY),
        bundle.make(answer.index, bundle.seal_to_station(seal_key, lie), me.signing),
        bundle.make(msgspec.structs.replace(answer.index, kind="enrolled"), answer.body, KEY),
        bundle.make(msgspec.structs.replace(answer.index, kind="receipt"), wire.pack(wire.Relayed("ok")), KEY),
        bundle.make(msgspec.structs.replace(answer.index, kind="refused"), wire.pack(wire.Relayed("unknown")), KEY),
        bundle.make(msgspec.structs.replace(answer.index, kind="refused"), b"?", county_keys(world.county).signing),
        bundle.make(msgspec.structs.replace(answer.index, county="other"), answer.body, county_keys(world.county).signing),
        bundle.make(answer.index, b"x" * 500, county_keys(world.county).signing),
    ):
        refused(lambda path: reading.read(village, path), sticks.file(forged))
    assert everything(village) == before
    assert unsent(village) == 1


def test_batches_inside_are_no_better_than_over_the_network(sticks: Sticks, world: World) -> None:
    village = sticks.station("村", VILLAGE)
    add(village)
    (genuine,) = bundle.read_file(sticks.write(village))
    keys = county_keys(world.county)
    asked = wire.read(wire.Request, bundle.unseal_at_county(keys.signing, genuine.body))
    with village.read() as session:
        me = identity.load(session)
    assert me is not None
    good = asked.batches[0]
    before = everything(world.county)
    for bad in (b"", b"x" * 100, good[:-1], good[:50] + bytes([good[50] ^ 1]) + good[51:], b"\x93" + b"\xc4\xff" * 3):
        content = wire.pack(msgspec.structs.replace(asked, batches=[bad]))
        forged = bundle.make(genuine.index, bundle.seal_to_county(keys.public, content), me.signing)
        (taken,) = sticks.taken(sticks.file(forged))
        assert taken.status == "broken"
    assert everything(world.county) == before


def test_no_more_is_read_than_a_file_may_have(sticks: Sticks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_FILE", 1500)
    path = sticks.path()
    path.write_bytes(MAGIC)
    os.truncate(path, 10**12)  # sparse
    with pytest.raises(BundleError, match="太大"):
        list(bundle.read_file(path))
    with pytest.raises(BundleError, match="太大"):
        bundle.write_file(sticks.path(), [b"x" * 1500])
    monkeypatch.setattr(bundle, "MAX_BUNDLES", 5)
    path.write_bytes(file_bytes([bundle.make(INDEX, b"", KEY).raw] * 6))
    with pytest.raises(BundleError, match="损坏"):
        list(bundle.read_file(path))


ONE = msgspec.msgpack.encode(bundle.make(INDEX, b"body", KEY).raw)


@pytest.mark.parametrize(
    "lying",
    [
        b"\x92" + ONE,
        b"\x91" + ONE + b"x",
        b"\x91" + ONE + ONE,
        b"\x90",
        b"\xdd\xff\xff\xff\xff" + ONE,
        b"\x91\xc6\xff\xff\xff\xffx",
        b"\x91\xc6\xff",
        b"\x91" + ONE[:-1],
        b"\x91\xa3abc",
        b"\x91",
        b"",
    ],
)
def test_a_list_that_is_not_what_it_says(lying: bytes) -> None:
    content = MAGIC + lying
    assert len(list(bundle.parse(BytesIO(MAGIC + b"\x91" + ONE + sha256(MAGIC + b"\x91" + ONE).digest())))) == 1
    with pytest.raises(BundleError, match="损坏"):
        next(bundle.parse(BytesIO(content + sha256(content).digest())))


def test_what_is_no_file(sticks: Sticks) -> None:
    pipe = sticks.path()
    os.mkfifo(pipe)
    for path in (pipe, sticks.folder, sticks.path(), Path("/dev/zero")):
        with pytest.raises(BundleError):
            list(bundle.read_file(path))


def test_a_name_without_a_file_keeps_no_other_file_from_being_read(sticks: Sticks, tmp_path: Path) -> None:
    """A link to nowhere, or an entry of a damaged stick: the whole stick was said to be unreadable."""
    corner = Corner(sticks)
    corner.up.rename(tmp_path / corner.up.name)
    (tmp_path / "gone.czb").symlink_to(tmp_path / "nowhere")
    read = reading.read_folder(corner.township, tmp_path)
    assert len(read.carried) == 1 and ["gone.czb" in str(error) for error in read.refused] == [True]


def test_a_newer_programs_file_waits_for_the_upgrade() -> None:
    future = bundle.make(msgspec.structs.replace(INDEX, format=2, kind="hologram"), b"", KEY)
    for data in (file_bytes([future.raw]), MAGIC[:-1] + b"\x02" + b"whatever"):
        whole = data if data.startswith(MAGIC) else data + sha256(data).digest()
        with pytest.raises(BundleError, match="新版程序"):
            list(bundle.parse(BytesIO(whole)))


@pytest.mark.parametrize(
    "bad",
    [
        {"scope": "12"},
        {"scope": "２３０８２６"},
        {"station": ""},
        {"station": "x" * 65},
        {"county": "a\nb"},
        {"at": "x" * 65},
        {"records": -1},
        {"last": 2**63},
        {"of": b"x" * 33},
        {"format": 0},
    ],
)
def test_an_index_people_see_is_checked(bad: dict[str, object]) -> None:
    bundle.opened(bundle.make(INDEX, b"body", KEY).raw)
    with pytest.raises(BundleError):
        bundle.opened(bundle.make(msgspec.structs.replace(INDEX, **bad), b"body", KEY).raw)


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_politely(data: bytes) -> None:
    for content in (data, MAGIC + data, file_bytes([data])):
        with pytest.raises(BundleError):
            list(bundle.parse(BytesIO(content)))


# -- the stick itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_a_full_stick_leaves_what_was_there(sticks: Sticks, monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    village = sticks.station("村", VILLAGE)
    add(village)
    path = sticks.write(village)
    before = path.read_bytes()

    def full(*_any: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as later:
        later.setattr(f"sync.wire.bundle.os.{fails}", full)
        with pytest.raises(DomainError, match="没有写进 U 盘"):
            writing.write(village, path)
    assert path.read_bytes() == before
    assert [p.name for p in sticks.folder.glob("*.new")] == []
    assert unsent(village) == 1
    with pytest.raises(InputUnusable, match="是否插好"):
        writing.write(village, sticks.folder / "unplugged" / "up.czb")
    assert reading.read(village, sticks.county(path)).exchange.pushed == 1


def test_the_power_fails_at_any_moment(sticks: Sticks, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever transaction is the last one that was finished, reading once more brings the rest."""
    village, other = sticks.station("村", VILLAGE), world.station("乙")
    add(other)
    world.sync(other)
    add(village)
    up = sticks.write(village)
    monkeypatch.setattr("sync.station.stick.entries._SLICE", 1)

    class Cut(Exception):
        pass

    def failing(whole: Callable[[], object], left: list[int]) -> Callable[[], object]:
        def begin() -> object:
            left[0] -= 1
            if left[0] < 0:
                raise Cut
            return whole()

        return begin

    def goes_through(where: object, door: str, moment: int, work: Callable[[], object]) -> bool:
        with monkeypatch.context() as power, contextlib.suppress(Cut):
            power.setattr(where, door, failing(getattr(where, door), [moment]))
            work()
            return True
        return False

    moments = [next(n for n in range(20) if goes_through(world.county, "write", n, lambda: sticks.taken(up)))]
    down = sticks.county(up)
    moments.append(next(n for n in range(20) if goes_through(village, "applying", n, lambda: reading.read(village, down))))
    assert all(n > 2 for n in moments), moments
    assert unsent(village) == 0
    world.sync(other)
    assert_equal(world)


# -- receipts' codes ---------------------------------------------------------------------------------------------------


@settings(max_examples=200)
@given(st.binary(min_size=32, max_size=32), st.integers(0, 11), st.sampled_from(ALPHABET))
def test_a_misheard_character_is_noticed(sha: bytes, place: int, heard: str) -> None:
    code = receipt_code(sha)
    assert check_code(f" {code.lower()} ") == code
    plain = code.replace("-", "")
    wrong = plain[:place] + heard + plain[place + 1 :]
    assert check_code(wrong) == (code if wrong == plain else None)


@settings(max_examples=200)
@given(st.binary(min_size=32, max_size=32), st.integers(0, 10))
def test_two_characters_that_changed_places_are_noticed(sha: bytes, place: int) -> None:
    plain = receipt_code(sha).replace("-", "")
    a, b = plain[place], plain[place + 1]
    swapped = plain[:place] + b + a + plain[place + 2 :]
    if {a, b} != {ALPHABET[0], ALPHABET[-1]}:  # Luhn's one blind spot
        assert (check_code(swapped) is None) == (a != b)
