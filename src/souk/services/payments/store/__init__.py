"""What payments write and lock."""
