"""Files that belong to vouchers: named by their SHA-256, sent in pieces, kept encrypted, never shared by tenants."""
