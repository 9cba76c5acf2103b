"""PostgreSQL: our own or a given one, its roles and tables, connections, commits and bulk writes."""
