"""A report as it will be on paper: the PDF itself, page by page."""
