"""What the server is told from outside, checked once before anything else happens."""
