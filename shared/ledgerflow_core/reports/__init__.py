"""Reports: questions asked of the books, answered as typed tables with a key to drill down from every row."""
