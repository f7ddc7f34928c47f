"""Inventory: how much there is, how much is held, and every movement of it."""
