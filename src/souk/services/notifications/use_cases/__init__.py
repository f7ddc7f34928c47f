"""What is done to tell people things."""
