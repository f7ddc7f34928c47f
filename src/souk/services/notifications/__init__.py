"""Notifications: what people are told, in their inbox and by mail."""
