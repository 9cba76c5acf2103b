"""A company to try things on: made by code, believable, and nobody's."""
