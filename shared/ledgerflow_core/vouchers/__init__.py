"""Vouchers: business documents, the rules each must meet, and the numbers they carry."""
