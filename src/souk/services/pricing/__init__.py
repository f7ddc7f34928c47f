"""Pricing: the only arithmetic of totals."""
