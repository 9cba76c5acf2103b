"""Vouchers posted on the server itself, by a person without a replica, through the path every batch takes."""
