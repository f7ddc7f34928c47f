"""What can be done with shipments."""
