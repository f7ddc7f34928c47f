"""Colours in hex, mixed in whole numbers so that every machine draws the same."""

from __future__ import annotations

WHITE, BLACK = "ffffff", "000000"


def mixed(first: str, second: str, share: float) -> str:
    """`share` of the second in the first, channel by channel."""
    part = round(share * 256)
    pairs = zip(bytes.fromhex(first), bytes.fromhex(second), strict=True)
    return bytes((a * (256 - part) + b * part) >> 8 for a, b in pairs).hex()


def darker(colour: str, share: float) -> str:
    return mixed(colour, BLACK, share)


def lighter(colour: str, share: float) -> str:
    return mixed(colour, WHITE, share)


def luminance(colour: str) -> float:
    """How bright it looks, from 0 to 1."""
    red, green, blue = bytes.fromhex(colour)
    return (2126 * red + 7152 * green + 722 * blue) / 2_550_000
