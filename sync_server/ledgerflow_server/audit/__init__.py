"""The audit log: who did what that matters to security, in a chain nobody rewrites unseen."""
