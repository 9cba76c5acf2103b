"""Reports and vouchers on paper, in files other programs read, and in a terminal."""
