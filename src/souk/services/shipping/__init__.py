"""Shipping: what it costs to send, and where parcels are."""
