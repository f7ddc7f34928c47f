"""What a mail says, before it is anybody's markup: renderers make text and HTML of it."""

from __future__ import annotations

import unicodedata

from msgspec import Struct


class Line(Struct, frozen=True, kw_only=True):
    """Something that was ordered."""

    name: str
    detail: str
    price: str


class Figure(Struct, frozen=True, kw_only=True):
    """A label and what stands behind it."""

    label: str
    value: str


class Button(Struct, frozen=True, kw_only=True):
    label: str
    url: str


class Letter(Struct, frozen=True, kw_only=True):
    """Plain text in every field. The subject is the notification's title as well, so it names no
    person."""

    subject: str
    preview: str  # what inboxes show beside the subject
    heading: str
    paragraphs: tuple[str, ...]
    steps_done: int = 0  # of STEPS; 0 shows none
    facts: tuple[Figure, ...] = ()
    lines: tuple[Line, ...] = ()
    sums: tuple[Figure, ...] = ()
    total: Figure | None = None
    address: tuple[str, ...] = ()
    button: Button


STEPS = ("Confirmed", "On its way", "Delivered")


def one_line(text: str) -> str:
    """Without line breaks and other characters that are not for reading.

    Controls, and the marks that turn the writing direction of all that follows them.
    """
    kept = (char if unicodedata.category(char)[0] != "C" else " " for char in text)
    return " ".join("".join(kept).split())
