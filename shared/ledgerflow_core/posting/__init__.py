"""Posting: what events do to the books, by pure functions that desktop and server share."""
