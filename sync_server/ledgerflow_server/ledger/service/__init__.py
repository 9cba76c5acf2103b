"""What the ledger does, without HTTP and without SQL."""
