"""The bundle's `cunzhan-server`."""

import multiprocessing

from cli.county import main

if __name__ == "__main__":
    multiprocessing.freeze_support()
    raise SystemExit(main())
