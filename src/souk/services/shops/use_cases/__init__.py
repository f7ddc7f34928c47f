"""What can be done with shops."""
