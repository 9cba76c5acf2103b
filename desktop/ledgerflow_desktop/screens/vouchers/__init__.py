"""Voucher entry: by keyboard alone, in double-entry or single-entry form, with nothing typed ever lost."""
