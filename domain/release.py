"""Which release of the program this is."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """The version of the program, "" where it runs without being installed."""
    try:
        return version("cunzhan")
    except PackageNotFoundError:
        return ""
