"""Payments: money taken, held, given back, and written down."""
