"""Shops: who sells, from where, and with whom."""
