"""Masters: what a company keeps lists of. Each is an immutable value; a change is a new value with the same id."""
