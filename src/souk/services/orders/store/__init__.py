"""Checkouts, orders and fulfilments as rows: everything that writes or locks them."""
