"""What the driver is told about values."""

import sqlcipher3.dbapi2 as sqlcipher

import db.engine  # noqa: F401  (importing it tells the driver)


def test_none_and_bytes_are_bound_as_they_are_without_being_asked_for_attributes() -> None:
    """Asked for two attributes they have not, each cost six times as much."""
    assert {(type(None), sqlcipher.PrepareProtocol), (bytes, sqlcipher.PrepareProtocol)} <= set(sqlcipher.adapters)
    connection = sqlcipher.connect(":memory:")
    try:
        values = (None, b"\x00\xff", b"", "", 0, 1.5, "张三", 2**62)
        assert connection.execute("SELECT ?, ?, ?, ?, ?, ?, ?, ?", values).fetchone() == values
        assert connection.execute("SELECT typeof(?), typeof(?)", (None, b"")).fetchone() == ("null", "blob")
    finally:
        connection.close()
