"""The bundle's `cunzhan`."""

import multiprocessing

from cli.start import station

if __name__ == "__main__":
    multiprocessing.freeze_support()
    raise SystemExit(station())
