"""Every command of the county's program on PostgreSQL, and what it says when the database does not let it in."""

from __future__ import annotations

import json
import time

import pytest

from db.county import County
from db.session import utc_now
from server.serve import running
from tests.conftest import VILLAGE
from tests.e2e.conftest import Ended, Run
from tests.postgres import CLERK, Cluster

pytestmark = pytest.mark.postgres
PERSON = json.dumps({"kind": "person", "name": "张三", "document": "other", "id_number": "A1", "labour": "ordinary"})


def test_every_command_works_while_the_server_runs(run: Run, make_store, postgres_url: str) -> None:
    def server(*arguments: object) -> Ended:
        return run("--database", postgres_url, *arguments, program="cunzhan-server")

    assert server("migrate", "--json").code == 0
    store = make_store()
    store.close()
    county = County(postgres_url)
    with running(county) as url:
        code = server("enrol", "--scope", VILLAGE, "--role", "village", "--json").value["code"]
        assert run("--home", store.home, "enrol", "--server", url, "--code", code, "--json").code == 0
        assert run("--home", store.home, "import", "-", stdin=PERSON).code == 0
        assert run("--home", store.home, "sync", "--json").value["pushed"] == 1
        plain = ("export", "all", "-", "--plain", "--reason", "核对")
        assert server(*plain).out == run("--home", store.home, *plain).out != ""
        (device,) = server("devices", "--json").value
        checked = server("check", "--json")
        assert (checked.code, checked.value["ok"], checked.value["pages"], checked.value["entries"]) == (0, True, True, 1)
        saved = server("backup", store.home / "county.zip", "--json")
        assert (saved.code, saved.value["entries"], saved.value["devices"]) == (0, 1, 1)
        assert server("restore", store.home / "county.zip").code == 3
        came = utc_now()
        while utc_now() == came:  # who came in the second of the restoring is not told as away
            time.sleep(0.02)
        assert server("restore", store.home / "county.zip", "--force", "--json").value["kept"].endswith(".zip")
        told = server("status", "--json").value
        assert (told["entries"], told["not_back"]) == (1, [device["device"]])
        assert device["device"] in server("status").out
        assert run("--home", store.home, "sync", "--json").code == 0
        assert server("status", "--json").value["not_back"] == []
        assert server("revoke", device["device"], "--json").code == 0
        assert run("--home", store.home, "sync", "--json").code == 5
    county.close()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://clerk:hunter2-geheim@127.0.0.1:1/county", 4),
        (f"postgresql://{CLERK}:hunter2-geheim@/{{db}}?host={{folder}}", 5),
        ("postgresql://clerk:hunter2-geheim@host:port/county", 3),
    ],
)
@pytest.mark.parametrize("command", ["devices", "migrate", "check", "serve"])
def test_a_database_that_does_not_answer(run: Run, cluster: Cluster, county_model: str, url: str, code: int, command: str) -> None:
    ended = run("--database", url.format(db=county_model, folder=cluster.folder), command, program="cunzhan-server")
    assert ended.code == code
    assert len(ended.err.splitlines()) == 1
    assert "geheim" not in ended.err + ended.out
