"""Catalog: what is for sale, how it is ordered, and what it costs."""
