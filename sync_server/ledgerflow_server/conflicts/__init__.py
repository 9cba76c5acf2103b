"""What could not take effect when it came: shown with both sides in money, and decided by a person."""
