"""People of a tenant: who they are, how they prove it, and what their role lets them do."""
