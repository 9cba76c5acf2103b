"""Work that no request waits for: nightly proofs, exports, clean-up, the audit log's months."""
