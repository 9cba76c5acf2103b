"""The desktop program: one encrypted company file, a window over it, and the same deeds from the command line."""
