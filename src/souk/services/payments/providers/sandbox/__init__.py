"""A provider to try things with: its own book, its own webhooks, no real money."""
