"""What two offices entered that does not go together: the list, both versions side by side, and the decision."""
