"""Draft the next migration from the difference between the newest one and the declarations: `make migration NAME="telling name"`.

A person reads and completes it: a new table or nullable column needs no more, data is moved by hand, and indexes of lists are made at
stations only (`db.mapping.list_indexes`). `db.upgrade.HEAD` rises with it.
"""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from db import upgrade
from db.engine import sqlite_engine
from db.postgres import partial_indexes

HERE = Path(__file__).parent


def draft(name: str) -> None:
    """Write `versions/NNNN_name.py`."""
    done = sorted(path.name[:4] for path in (HERE / "versions").glob("[0-9]*.py"))
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    with tempfile.TemporaryDirectory() as folder:
        engine = sqlite_engine(Path(folder) / "draft.db")
        if done:
            upgrade.run(engine)
        with engine.connect() as conn, conn.begin():
            schema = upgrade.whole_schema()
            partial_indexes(schema)
            config.attributes.update(connection=conn, metadata=schema)
            command.revision(config, name, autogenerate=True, rev_id=f"{int(done[-1]) + 1 if done else 1:04d}")
        engine.dispose()


if __name__ == "__main__":
    draft(sys.argv[1])
