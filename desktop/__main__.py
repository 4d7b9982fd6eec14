"""`python -m desktop [HOME]`: the window on a data folder, by default the platform's own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs

from desktop.app import main

if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(platformdirs.user_data_dir("cunzhan", appauthor=False))
    raise SystemExit(main(home, password=os.environ.get("CUNZHAN_PASSWORD", "")))
