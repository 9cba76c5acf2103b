"""Everything between the socket and a feature: limits before any work, digests, problems, idempotency."""
