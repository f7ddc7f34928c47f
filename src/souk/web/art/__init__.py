"""Pictures for what has none yet, drawn from a product's own words and colours."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from zlib import crc32

from souk.web.art.colours import GROUNDS, NAMED, UNNAMED, mixed

MOTIFS = Path(__file__).with_name("motifs.svg")
GROUP = re.compile(r'<g id="(\w+)" data-words="([^"]*)">(.*)</g>\n')
WORD = re.compile(r"[a-z-]+")
ADDRESS = re.compile(r"([a-z]{1,20})-([0-9a-f]{6})-(\d)\.svg")
PLAIN = "box"
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@cache
def motifs() -> dict[str, str]:
    return {name: drawing for name, _, drawing in GROUP.findall(MOTIFS.read_text())}


@cache
def motif_by_word() -> dict[str, str]:
    found = GROUP.findall(MOTIFS.read_text())
    return {word: name for name, words, _ in found for word in words.split()}


@lru_cache(20_000)
def art_url(name: str, category: str = "", hints: str = "") -> str:
    """The address of a picture: what the last telling word of the name is, in the colour that
    `hints` or the name speak of."""
    colour, ground = colour_of(f"{hints} {name}", seed=name), crc32(name.encode()) % len(GROUNDS)
    return f"/art/{motif_of(name, category)}-{colour[1:]}-{ground}.svg"


def motif_of(name: str, category: str) -> str:
    known = motif_by_word()
    head = name.partition(",")[0].lower()
    words = [*reversed(WORD.findall(head)), *WORD.findall(name.lower())]
    words += reversed(WORD.findall(category.lower().replace("/", " ")))
    for word in words:
        for form in (word, word.removesuffix("s"), word.removesuffix("es")):
            if form in known:
                return known[form]
    return PLAIN


def colour_of(words: str, *, seed: str) -> str:
    for word in WORD.findall(words.lower()):
        if word in NAMED:
            return NAMED[word]
    return UNNAMED[crc32(seed.encode()) % len(UNNAMED)]


@lru_cache(5_000)
def draw(address: str) -> bytes | None:
    """The picture at an address that `art_url` gave; nothing at any other."""
    match = ADDRESS.fullmatch(address)
    if match is None or match[1] not in motifs() or int(match[3]) >= len(GROUNDS):
        return None
    main, ground = f"#{match[2]}", GROUNDS[int(match[3])]
    fills = {
        "m": main,
        "d": mixed(main, "#1d1512", 0.28),
        "l": mixed(main, "#ffffff", 0.52),
        "a": "#c79a62",
        "b": "#7b5637",
        "k": "#3a322e",
        "w": "#fffdf9",
        "g": "#cfd6d8",
        "f": "#6f9160",
        "h": "#557a4d",
    }
    strokes = {"s": fills["d"], "s9": fills["d"], "t": fills["k"], "t5": fills["b"]}
    strokes |= {"rk": fills["k"], "rm": main}
    widths = {"s": 4, "s9": 9, "t": 5, "t5": 10, "rk": 10, "rm": 10}
    style = "".join(f".{name}{{fill:{colour}}}" for name, colour in fills.items())
    style += "".join(
        f".{name}{{fill:none;stroke:{colour};stroke-width:{widths[name]};stroke-linecap:round}}"
        for name, colour in strokes.items()
    )
    floor, light = mixed(ground, "#8a7a66", 0.14), mixed(ground, "#ffffff", 0.6)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">'
        f'<defs><radialGradient id="r" cx=".38" cy=".3" r=".9"><stop stop-color="{light}"/>'
        f'<stop offset="1" stop-color="{ground}"/></radialGradient></defs><style>{style}</style>'
        f'<path fill="url(#r)" d="M0 0h400v400H0z"/><path fill="{floor}" opacity=".55" '
        'd="M0 312h400v88H0z"/><ellipse cx="200" cy="322" rx="118" ry="13" fill="#2a1d12" '
        f'opacity=".13"/>{motifs()[match[1]]}</svg>'
    ).encode()
