"""Real processes, PostgreSQL and company files, and a line that breaks: nothing may be lost, doubled or changed."""
