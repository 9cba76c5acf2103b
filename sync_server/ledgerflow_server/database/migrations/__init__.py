"""The tables of the server, step by step, as hand-written SQL."""
