"""The bookkeeping rules that the desktop and the server share: no database, no screen, no network, no clock."""

__version__ = "0.1.0"
