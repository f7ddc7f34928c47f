"""Souk: an open marketplace platform."""
