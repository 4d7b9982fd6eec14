"""The file of an attachment that was held goes to the county once the change is released, whoever released it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from db import contents
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, World, add, both, get
from tests.sync.photos import at_county, bytes_of, photo
from tests.sync.test_releasing import release, waiting


@both
def test_the_file_of_a_released_attachment_leaves_its_laptop(world: World, tmp_path: Path) -> None:
    """It is here only, and the released record belongs to another village and was made by the township."""
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    person, data = add(a, name="写错村", village=OTHER_VILLAGE), photo(tmp_path, 90_001).read_bytes()
    sha = sha256(data).hexdigest()
    with a.write("附件") as session:
        contents.keep(session, data)
    id = add(a, "attachment", OTHER_VILLAGE, record_id=person, name="证明.jpg", sha256=sha, size=len(data), media_type="image/jpeg")
    world.settle()
    assert len(waiting(town)) == 2 and get(town, id, "attachment") is None and at_county(world.county, sha) == b""
    for one in sorted(waiting(town), key=lambda one: one.kind != "person"):
        release(town, one)
    world.settle()
    assert get(b, id, "attachment") is not None
    world.sync(a)
    assert at_county(world.county, sha) == data
    world.sync(b)
    assert bytes_of(b, id) == data
