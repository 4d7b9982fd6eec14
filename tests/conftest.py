"""What every test shares. Nothing here may depend on a screen, on the clock's zone or on the person's own data folder."""

import os
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["TZ"] = "Asia/Shanghai"
if hasattr(time, "tzset"):  # Windows has none
    time.tzset()
