"""The desktop program for clerks: windows, pages, widgets and view models. The only package that imports Qt.

app assembles the program; main_window is the frame around the pages; page and view_model are the base classes of an area, registry lists
the areas. station gives view models access to the store, jobs runs work off the GUI thread. theme and icons define the looks; pictures
reads photographs; shortcut puts the program's icon on the desktop. widgets, paper (printing and scans) and wiring (shared queries) are
used by all areas; every other folder is one area with its page.
"""

import os

# PySide makes each Qt class when it is first asked for, which crashes when two threads ask for the same one (PYSIDE-2404): the window and
# the thread that imports its pages. "0" makes them all on import; it is read when PySide6 is loaded, so it is set before that.
os.environ["PYSIDE6_OPTION_LAZY"] = "0"
