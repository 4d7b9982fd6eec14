"""The bundle's `cunzhan`."""

import multiprocessing

from cli.station import main

if __name__ == "__main__":
    multiprocessing.freeze_support()
    raise SystemExit(main())
