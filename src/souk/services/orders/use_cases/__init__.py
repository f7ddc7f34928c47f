"""What can be done with checkouts and orders."""
