"""How a company stands towards its server, connecting one that has none, and bringing one from a server."""
