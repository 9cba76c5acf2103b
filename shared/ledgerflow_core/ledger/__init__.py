"""The ledger: entries and what rests on them."""
