"""One company in one encrypted folder: the only part of the program that knows SQL, files and keys."""
