"""Whose rows a request may see: the signed context, the session that carries it, and the guard over both."""
