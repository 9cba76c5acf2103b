"""Events: everything that ever happened to a company's books, as immutable bytes in a hash chain."""
