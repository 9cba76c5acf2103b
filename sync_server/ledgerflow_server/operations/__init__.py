"""What is done to a whole server: proven, backed up, restored."""
