"""The command line: what IT, an accountant's scripts and checks use. The same actions as the window, without Qt."""
