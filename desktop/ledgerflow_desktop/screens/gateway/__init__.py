"""The menu of an open company: what it opens with, every line one key away."""
