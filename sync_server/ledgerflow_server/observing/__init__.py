"""What the server lets be seen of its work: logs, metrics, traces and health; never amounts, names or secrets."""
