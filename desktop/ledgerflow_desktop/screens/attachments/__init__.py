"""The files of a voucher: see them, open them, attach more, take one off."""
