"""The bundle's `cunzhan-server`."""

import multiprocessing

from cli.start import county

if __name__ == "__main__":
    multiprocessing.freeze_support()
    raise SystemExit(county())
