"""PostgreSQL as the county's database: its schema, bulk rows, a transaction tried again, and every failure as one sentence."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect, select
from sqlalchemy.exc import IntegrityError

from db import upgrade
from db.backup import sound
from db.county import County
from db.exchange import LAST, device, entry, field_state, scope_head
from db.mapping import TABLES, insert_columns, insert_many, upsert_many
from db.merged import replaced, stands
from db.postgres import problem
from domain.errors import CunzhanError, InputUnusable, Refused, StoreDamaged, Unreachable
from domain.records import Person
from services import facts
from tests.postgres import CLERK, CLERK_PASSWORD, Cluster

pytestmark = pytest.mark.postgres


@pytest.fixture
def county(postgres_url: str) -> Iterator[County]:
    with closing(County(postgres_url)) as made:
        yield made


@pytest.fixture
def altered(cluster: Cluster, county_model: str) -> Iterator[County]:
    """A county database of its own, whose schema a test may change."""
    name = cluster.create(county_model)
    with closing(County(cluster.url(name))) as made:
        yield made
    cluster.drop(name)


# -- schema ------------------------------------------------------------------------------------------------------------


def schema(engine: Engine) -> dict[str, object]:
    """Columns with their types and collations, keys and indexes of every table."""
    found: dict[str, object] = {}
    with engine.connect() as conn:
        columns = conn.exec_driver_sql(
            "SELECT table_name, column_name, data_type, collation_name, is_nullable FROM information_schema.columns "
            "WHERE table_schema = 'public' ORDER BY table_name, column_name"
        )
        found["columns"] = [tuple(row) for row in columns]
        found["indexes"] = conn.exec_driver_sql("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1").scalars().all()
    return found


def test_a_migrated_database_equals_a_fresh_one(county: County, cluster: Cluster) -> None:
    name = cluster.create()
    engine = create_engine(cluster.url(name).replace("postgresql:", "postgresql+psycopg:"))
    upgrade.run(engine, county=True)
    assert schema(engine) == schema(county.engine)
    engine.dispose()
    cluster.drop(name)


def test_text_compares_by_code_point(county: County) -> None:
    with county.engine.connect() as conn:
        collations = {
            c["name"]: getattr(c["type"], "collation", None) for c in inspect(conn).get_columns("person") if "TEXT" in str(c["type"])
        }
    assert collations
    assert set(collations.values()) == {"C"}


def test_facts_of_people_are_read(county: County) -> None:
    """PostgreSQL refused a collation between BETWEEN and AND: no step was judged and no doubt of a dossier told there."""
    person = {"village": "230826101202", "name": "王芳", "id_number": "230826198802010027", "document": "resident_id", "labour": "ordinary"}
    with county.write() as session:
        for id in ("a", "b"):
            session.conn.execute(TABLES["person"].insert().values(id=id, **person))
    with county.read() as session:
        assert {one.id for one in facts.of_people(session, ["a"]).all(Person)} == {"a", "b"}, "the same number"


def test_no_query_is_compiled_to_machine_code(county: County) -> None:
    """The figures of a month took ten seconds, nine of them for that."""
    with county.read() as session:
        assert session.conn.exec_driver_sql("SHOW jit").scalar_one() == "off"


def test_an_older_database_is_upgraded_on_opening_and_a_newer_one_left_alone(altered: County, monkeypatch: pytest.MonkeyPatch) -> None:
    with altered.engine.connect() as conn, conn.begin():
        conn.exec_driver_sql("ALTER TABLE person DROP COLUMN note")
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")

    def migrate(config, _head) -> None:
        conn = config.attributes["connection"]
        conn.exec_driver_sql('ALTER TABLE person ADD COLUMN note text COLLATE "C"')
        conn.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{upgrade.HEAD}'")

    monkeypatch.setattr("alembic.command.upgrade", migrate)
    with closing(County(altered.url)) as opened, opened.read() as session:
        assert upgrade.version(session.conn) == upgrade.HEAD
        assert session.count("person") == 0
    with altered.engine.connect() as conn, conn.begin():
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreDamaged, match="新版程序"):
        County(altered.url)


def test_two_servers_started_together_make_one_schema(cluster: Cluster) -> None:
    name = cluster.create()
    failures: list[BaseException] = []

    def start() -> None:
        try:
            County(cluster.url(name)).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    cluster.drop(name)


# -- bulk --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3, 500])
def test_rows_go_in_the_same_however_many(county: County, count: int) -> None:
    texts = ["张三", "tab\t and \\N and \\", "'quoted\"", "", None, "\n"]
    rows = [
        {"scope": f"{n:06d}", "seq": n, "station": "s", "incarnation": 1, "number": n, "sha256": bytes([n % 256]) * 32}
        for n in range(count)
    ]
    rows = [row | {"body": b"\x00\xff\\x", "refused": "[]", "signature": b"", "at": "a"} for row in rows]
    with county.write() as session:
        people = TABLES["person"]
        names = [f"{texts[n % len(texts)]}" if texts[n % len(texts)] is not None else None for n in range(count)]
        ids = [f"p{n:04d}" for n in range(count)]
        insert_columns(session.conn, people, {"id": ids, "village": ["v"] * count, "name": names, "seq": list(range(count))})
        insert_many(session.conn, entry, list(rows[0]), rows)
    with county.read() as session:
        assert session.conn.execute(select(people.c.name).order_by(people.c.id)).scalars().all() == names
        given = [entry.c[name] for name in rows[0]]
        kept = [dict(row) for row in session.conn.execute(select(*given).order_by(entry.c.seq)).mappings()]
        assert kept == rows


@pytest.mark.parametrize("count", [1, 300])
def test_states_are_replaced_and_of_several_the_last_counts(county: County, count: int) -> None:
    def state(n: int, seq: int) -> tuple[int | str, ...]:
        return (1, f"r{n}", LAST, seq, "s.1", "李", "x")

    for first in (1, 10):
        with county.write() as session:
            upsert_many(session.conn, field_state, [state(n, first) for n in range(count)] + [state(n, first + 1) for n in range(count)])
    with county.read() as session:
        assert set(session.conn.execute(select(field_state.c.row_id, field_state.c.seq)).all()) == {(f"r{n}", 11) for n in range(count)}


# -- transactions ------------------------------------------------------------------------------------------------------


def _one_after_another(county: County, first: str, second: str, barrier: threading.Barrier) -> Callable[[], None]:
    """Lock two counters in an order; another thread does so in the other order."""
    waited: list[bool] = []

    def work() -> None:
        with county.write() as session:
            take(session.conn, first)
            if not waited:  # only the first time: the second try goes alone
                waited.append(True)
                barrier.wait(10)
            take(session.conn, second)

    return lambda: county.patiently(work)


def take(conn: Connection, scope: str) -> None:
    conn.execute(scope_head.update().where(scope_head.c.scope == scope).values(seq=scope_head.c.seq + 1))


def test_a_deadlock_is_tried_again(county: County) -> None:
    with county.write() as session:
        session.conn.execute(scope_head.insert(), [{"scope": "a", "seq": 0}, {"scope": "b", "seq": 0}])
    barrier = threading.Barrier(2)
    failures: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    works = [_one_after_another(county, *order, barrier) for order in (("a", "b"), ("b", "a"))]
    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with county.read() as session:
        assert dict(session.conn.execute(select(scope_head)).all()) == {"a": 2, "b": 2}


def test_a_row_that_stays_in_the_way_is_an_error_in_the_end(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.county._PAUSE", 0)
    tries = []

    def work() -> None:
        tries.append(1)
        with county.write() as session:
            session.conn.execute(scope_head.insert(), [{"scope": "a", "seq": 0}, {"scope": "a", "seq": 0}])

    with pytest.raises(IntegrityError):
        county.patiently(work)
    assert len(tries) > 2


def test_reading_sees_one_moment_and_writes_nothing(county: County) -> None:
    with county.read() as session:
        assert session.conn.execute(select(scope_head)).all() == []
        with county.write() as other:
            other.conn.execute(scope_head.insert(), {"scope": "a", "seq": 1})
        assert session.conn.execute(select(scope_head)).all() == []
    with pytest.raises(Exception, match="read-only"), county.read() as session:
        session.conn.execute(device.delete())


# -- failures ----------------------------------------------------------------------------------------------------------

SECRET = "hunter2-geheim"


@pytest.mark.parametrize(
    ("url", "error"),
    [
        (f"postgresql://clerk:{SECRET}@127.0.0.1:1/county", Unreachable),
        (f"postgresql://clerk:{SECRET}@/county?host=/nowhere", Unreachable),
        (f"postgresql://clerk:{SECRET}@host:port/county", InputUnusable),
        (f"postgresql://clerk:{SECRET}@/x?unknown_setting=1", InputUnusable),
        (f"postgresql://clerk:{SECRET}@/{{db}}?host={{folder}}", Refused),
        ("postgresql://clerk@/{db}?host={folder}", Refused),
        ("postgresql://postgres@/nothere?host={folder}", Refused),
        ("postgresql://clerk:{password}@/{fresh}?host={folder}", Refused),
        (f"mysql://clerk:{SECRET}@host/county", InputUnusable),
    ],
)
def test_a_database_that_does_not_answer_is_told_in_one_sentence(
    cluster: Cluster, county_model: str, url: str, error: type[CunzhanError]
) -> None:
    fresh = cluster.create()
    given = url.format(db=county_model, folder=cluster.folder, password=CLERK_PASSWORD, fresh=fresh)
    with pytest.raises(error) as told:
        County(given)
    text = str(told.value)
    assert SECRET not in text
    assert CLERK_PASSWORD not in text
    assert "\n" not in text
    assert any("\u4e00" <= char <= "\u9fff" for char in text)
    cluster.drop(fresh)


def test_a_right_password_opens_a_database_of_ones_own(cluster: Cluster) -> None:
    name = cluster.create()
    cluster.run(f"ALTER DATABASE {name} OWNER TO {CLERK}")
    County(cluster.url(name, CLERK, CLERK_PASSWORD)).close()
    cluster.drop(name)


def test_other_errors_are_not_explained_away() -> None:
    assert problem(ValueError("x")) is None


def test_a_connection_cut_by_the_server_is_replaced(county: County, cluster: Cluster) -> None:
    with county.read() as session:
        session.conn.execute(select(scope_head)).all()
    cluster.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname <> 'postgres'")
    with county.read() as session:
        assert session.conn.execute(select(scope_head)).all() == []


def test_damage_is_found(altered: County) -> None:
    with altered.write() as session:
        session.conn.execute(scope_head.insert(), {"scope": "a", "seq": 1})
    with altered.read() as session:
        assert sound(session)
    with altered.engine.connect() as conn, conn.begin():
        conn.exec_driver_sql("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_person_village'::regclass")
    with altered.read() as session:
        assert not sound(session)


def test_of_people_merged_in_a_circle_one_counts(county: County) -> None:
    people = [{"id": id, "village": "230826101202", "merged_into": into} for id, into in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"))]
    with county.write() as session:
        session.conn.execute(TABLES["person"].insert(), people)
        assert session.conn.execute(select(TABLES["person"].c.id).where(stands())).scalars().all() == ["a"]
        assert sorted(map(tuple, session.conn.execute(select(replaced())))) == [(id, "a") for id in "abcd"]
