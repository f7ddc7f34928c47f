"""Pictures for what has none: addresses of drawings that media makes, found from its words."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from zlib import crc32

from souk.web.art.colours import ACCENTS, NAMED, UNNAMED
from souk.web.art.words import KINDS

DRAWINGS = "/api/v1/media/drawings"
WORD = re.compile(r"[a-z-]+")
PLAIN = "box"


@cache
def kind_by_word() -> dict[str, str]:
    return {word: kind for kind, words in KINDS.items() for word in (kind, *words.split())}


@lru_cache(20_000)
def art_url(name: str, category: str = "", hints: str = "", *, view: str = "front") -> str:
    """The address of a picture: what the last telling word of the name is, in the colour that
    `hints` or the name speak of."""
    seed = crc32(name.encode())
    main = colour_of(f"{hints} {name}", seed)
    accent = next(each for each in (ACCENTS[seed % len(ACCENTS)], *ACCENTS) if each != main)
    return f"{DRAWINGS}/{kind_of(name, category)}/{main}-{accent}-{view}.svg"


def kind_of(name: str, category: str) -> str:
    known = kind_by_word()
    head = name.partition(",")[0].lower()
    words = [*reversed(WORD.findall(head)), *WORD.findall(name.lower())]
    words += reversed(WORD.findall(category.lower().replace("/", " ")))
    for word in words:
        for form in (word, word.removesuffix("s"), word.removesuffix("es")):
            if form in known:
                return known[form]
    return PLAIN


def colour_of(words: str, seed: int) -> str:
    """In hex, without a mark."""
    for word in WORD.findall(words.lower()):
        if word in NAMED:
            return NAMED[word]
    return UNNAMED[seed % len(UNNAMED)]
