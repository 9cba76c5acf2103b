"""The sync engines in a world where everything goes wrong, replayed exactly from a seed."""
