import desktop  # noqa: F401 -- says how Qt is loaded, before pytest's plug-in or a test loads it
