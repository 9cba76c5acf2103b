"""Steps from one version of the tables to the next. Each is final once released and imports nothing of the program."""
