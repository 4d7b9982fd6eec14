"""Run by Alembic. Imports nothing of ours: the connection and the metadata come through `config.attributes` (`db.upgrade`)."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

config = context.config
connection = config.attributes["connection"]


def render_item(type_: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Text with its collation under the short name that `script.py.mako` defines."""
    return "TEXT" if type_ == "type" and isinstance(item, sa.Text) else False


context.configure(
    connection=connection,
    target_metadata=config.attributes["metadata"],
    transaction_per_migration=False,
    include_name=lambda name, type_, parents: type_ != "table" or name != "alembic_version",
    render_item=render_item,
)
context.run_migrations()
