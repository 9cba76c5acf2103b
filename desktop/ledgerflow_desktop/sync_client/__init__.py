"""The desktop's end of the line: HTTP to the sync server, and the loop that does what the core's engine wants."""
