"""The sync server: receives signed batches of events from the offices of a company, orders them, hands them out."""
