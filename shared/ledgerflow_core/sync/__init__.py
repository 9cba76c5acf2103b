"""Sync: what desktop and server must agree on to the byte, so that one log gives every copy the same books."""
