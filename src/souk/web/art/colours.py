"""Colours that words name, and colours for words that name none; in hex, without a mark."""

from __future__ import annotations

NAMED = {
    "white": "e9e4da", "chalk": "e6dfd2", "cream": "ecdfc4", "ivory": "ebe3d0",
    "natural": "d9c7a7", "undyed": "ddd0b8", "oat": "d6c4a2", "sand": "d8bf96",
    "beige": "d3bd9b", "linen": "dccfb6", "tan": "b98a5a", "camel": "b98a55",
    "brown": "7d573b", "chocolate": "5a3a2b", "coffee": "6b4a36", "walnut": "6a4a34",
    "oak": "b58a58", "ash": "cbb48f", "birch": "dac59d", "wood": "a97e52",
    "black": "37332f", "charcoal": "4a4a4d", "slate": "5d6974", "grey": "8d8f92",
    "gray": "8d8f92", "silver": "b4b8bc", "stone": "a9a297", "smoked": "6a5a4c",
    "red": "c0392f", "tomato": "cc4a32", "brick": "a5482f", "rust": "b3552a",
    "terracotta": "bf6240", "clay": "b9704f", "coral": "e07a5f", "orange": "df8136",
    "apricot": "e39a57", "amber": "cf8a2b", "ochre": "c68a2e", "mustard": "c99a2e",
    "yellow": "e0b13d", "gold": "c9a04a", "honey": "d29a34", "lemon": "e3c34f",
    "green": "5c8a5a", "moss": "74804a", "olive": "7f7f3f", "forest": "3f6149",
    "sage": "97a98a", "mint": "8cbfa5", "sea": "5f9a90", "teal": "2f7f7b",
    "blue": "3f6ea5", "navy": "2f4368", "night": "2c3a57", "ink": "2e3a55",
    "sky": "7fb0d0", "indigo": "454a86", "denim": "4d6c93", "turquoise": "3f9fa0",
    "purple": "7a5490", "violet": "7d62a8", "plum": "70415f", "lavender": "a798c4",
    "pink": "d98aa0", "rose": "cf7f86", "blush": "deac9f", "raspberry": "ad3a5b",
    "wine": "74303f", "burgundy": "6e2d3c", "copper": "b0693f", "brass": "b8934a",
}  # fmt: skip
UNNAMED = (
    "bf6240", "2f7f7b", "c99a2e", "5c8a5a", "3f6ea5", "70415f",
    "df8136", "74804a", "cf7f86", "5d6974", "b98a5a", "454a86",
)  # fmt: skip
ACCENTS = ("e0a458", "c7683e", "5b6f8f", "3f7f78", "b8a07a", "8f5a4a")
