"""The ledger: batches in, the log out, and the books that follow from it."""
