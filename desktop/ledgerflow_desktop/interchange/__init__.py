"""Other programs' files, in and out. Every reader yields, and every writer takes, the records of `records`."""
