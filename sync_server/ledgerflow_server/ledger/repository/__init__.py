"""The SQL of the ledger, by what it is about: heads, the log, the books, refused requests."""
