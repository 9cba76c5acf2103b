"""Devices: how one is let in, proves itself, and is shut out at once."""
