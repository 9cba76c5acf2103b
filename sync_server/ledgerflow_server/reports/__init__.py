"""Reports over the server's books: the core's own, answered from PostgreSQL."""
