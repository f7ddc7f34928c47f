"""Promises by the thousand: keys, refunds, events and a poisonous message, counted outside Souk."""
