"""Shopify product sheets: read, understood, and written."""
