"""Shoppers, checkouts and orders: their states and rules."""
