"""The desktop program for clerks: windows, pages, widgets and view models. The only package that imports Qt.

app assembles the program; main_window is the frame around the pages; page and view_model are the base classes of an area, registry lists
the areas. station gives view models access to the store, jobs runs work off the GUI thread. theme and icons define the looks; pictures
reads photographs; shortcut puts the program's icon on the desktop. widgets, paper (printing and scans) and wiring (shared queries) are
used by all areas; every other folder is one area with its page.
"""
