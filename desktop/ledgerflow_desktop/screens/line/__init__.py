"""The line to the server as the window keeps it: what is known of it, the session behind it, and its words."""
