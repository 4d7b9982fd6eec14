"""What the commands of the county share: opening its database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cli.program import Call
from db.county import County
from domain.errors import CannotWrite, CunzhanError

DATABASE = "county.db"


@contextmanager
def opened(call: Call) -> Iterator[County]:
    """The county's database: `--database`, else an SQLite file under the data folder, made when it is not there."""
    if not call.args.database:
        call.home.mkdir(mode=0o700, parents=True, exist_ok=True)  # the database holds the county's keys and everyone's data
    county = County(call.args.database or f"sqlite:///{call.home / DATABASE}")
    try:
        if county.made:
            from sync.county.keys import county_keys

            county_keys(county)  # whatever command was the first: without its keys a backup would be nobody's
        yield county
    except CunzhanError:
        raise
    except Exception as error:
        raise county.problem(error) or error from None
    finally:
        county.close()


def unwritable(county: County) -> str:
    """What to say where the database takes nothing more in; empty where it does."""
    try:
        county.try_writing()
    except CannotWrite as error:
        return str(error)
    return ""
