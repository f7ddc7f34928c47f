"""What can be done with a payment."""
