"""Pictures drawn from their address: what stands in where nobody has taken a photograph.

A kind of thing, a main and a second colour, and a view make one SVG, always the same one. The
shapes are symbols in `shapes/*.svg`, whose classes take their colours from here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from souk.services.media.drawings.colours import darker, lighter, luminance, mixed

SHAPES = Path(__file__).with_name("shapes")
SYMBOL = re.compile(r'<symbol id="([a-z]+)">\s*(.*?)</symbol>', re.DOTALL)
CLASS = re.compile(r'class="([a-z]\d?)"')
PAPER = "f7f3ec"
INK = "2e3338"


class Look(NamedTuple):
    """The colours of a picture, in hex without a mark."""

    main: str
    accent: str

    @property
    def ground(self) -> str:
        """A quiet wall that neither the palest nor the darkest thing is lost on."""
        pale = luminance(self.main) > 0.82
        return mixed(self.accent if pale else self.main, PAPER, 0.78 if pale else 0.84)


@cache
def shapes() -> dict[str, str]:
    """Every kind of thing that can be drawn, by its name."""
    found = (SYMBOL.findall(path.read_text()) for path in sorted(SHAPES.glob("*.svg")))
    return {name: " ".join(shape.split()) for symbols in found for name, shape in symbols}


def draw(kinds: Sequence[str], look: Look, view: str) -> str:
    """The picture as SVG. Raises KeyError when there is no such kind or view."""
    known = shapes()
    things = [known[kind] for kind in kinds]
    width, height, paint = VIEWS[view]
    body = paint(things, look)
    used = sorted(set(CLASS.findall(body)))
    style = "".join(f".{name}{{{CLASSES[name](look)}}}" for name in used)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width * 2}" height="{height * 2}"><style>{style}</style>{body}</svg>'
    )


def front(things: Sequence[str], look: Look) -> str:
    """One thing before a wall, with its shadow on the floor."""
    return _wall(look) + _shadow(200, 326, 118) + things[0]


def close(things: Sequence[str], look: Look) -> str:
    """The same from nearby, where it leaves the frame."""
    ground = f'<path fill="#{lighter(look.ground, 0.25)}" d="M0 0h400v400H0z"/>'
    return (
        f'{ground}<g transform="rotate(-6 200 200) translate(-150 -96) scale(1.8)">{things[0]}</g>'
    )


def pair(things: Sequence[str], look: Look) -> str:
    """Two of them, one behind the other."""
    behind = f'<g transform="translate(168 64) scale(.62)" opacity=".88">{things[-1]}</g>'
    before = f'<g transform="translate(-2 62) scale(.8)">{things[0]}</g>'
    return _wall(look) + _shadow(292, 268, 76) + behind + _shadow(158, 322, 96) + before


def scene(things: Sequence[str], look: Look) -> str:
    """On a table by a window."""
    sun = lighter(look.accent, 0.45)
    window = (
        f'<path fill="#{lighter(look.ground, 0.6)}" d="M236 40h128v176H236z"/>'
        f'<circle cx="312" cy="104" r="34" fill="#{sun}"/>'
        f'<path fill="none" stroke="#{mixed(look.ground, INK, 0.9)}" stroke-width="6" '
        'd="M236 40h128v176H236zM300 40v176M236 128h128"/>'
    )
    table = f'<path fill="#{mixed("c79a6b", look.ground, 0.45)}" d="M0 306h400v94H0z"/>'
    thing = f'<g transform="translate(-6 42) scale(.82)">{things[0]}</g>'
    return _wall(look) + window + table + _shadow(158, 310, 100) + thing


def banner(things: Sequence[str], look: Look) -> str:
    """What a shop sells, in a row."""
    wall = f'<path fill="#{look.ground}" d="M0 0h1600v400H0z"/>'
    hill = f'<path fill="#{mixed(look.main, look.ground, 0.72)}" d="M0 {{}}z"/>'
    hills = hill.format("330c300-90 520-60 800-10s540 30 800-40v120H0") + hill.format(
        "360c260-50 620-40 860-10s520 10 740-20v70H0"
    )
    step = 1600 / (len(things) + 1)
    row = "".join(
        f'<g transform="translate({step * (place + 1) - 140:.0f} {104 + 14 * (place % 2)}) '
        f'scale(.7)">{thing}</g>'
        for place, thing in enumerate(things)
    )
    sun = f'<circle cx="1340" cy="96" r="58" fill="#{lighter(look.accent, 0.35)}"/>'
    return wall + sun + hills + row


def logo(things: Sequence[str], look: Look) -> str:
    """A sign for a shop: one thing in a round field."""
    field = f'<circle cx="200" cy="200" r="200" fill="#{darker(look.main, 0.1)}"/>'
    disc = f'<circle cx="200" cy="200" r="166" fill="#{PAPER}"/>'
    return f'{field}{disc}<g transform="translate(76 72) scale(.62)">{things[0]}</g>'


VIEWS: dict[str, tuple[int, int, Callable[[Sequence[str], Look], str]]] = {
    "front": (400, 400, front),
    "close": (400, 400, close),
    "pair": (400, 400, pair),
    "scene": (400, 400, scene),
    "banner": (1600, 400, banner),
    "logo": (400, 400, logo),
}


def _wall(look: Look) -> str:
    floor = mixed(look.ground, darker(look.main, 0.2), 0.2)
    return (
        f'<path fill="#{look.ground}" d="M0 0h400v400H0z"/>'
        f'<path fill="#{floor}" d="M0 300h400v100H0z"/>'
        f'<circle cx="200" cy="176" r="150" fill="#{lighter(look.ground, 0.35)}"/>'
    )


def _shadow(x: int, y: int, width: int) -> str:
    return f'<ellipse cx="{x}" cy="{y}" rx="{width}" ry="9" fill="#{INK}" opacity=".16"/>'


def _fill(colour: str) -> Callable[[Look], str]:
    return lambda _: f"fill:{colour}"


def _line(colour: str, width: int) -> Callable[[Look], str]:
    return lambda _: f"{LINE};stroke:{colour};stroke-width:{width}"


LINE = "fill:none;stroke-linecap:round;stroke-linejoin:round"
CLASSES: dict[str, Callable[[Look], str]] = {
    # The thing itself, its shade, its light side, its second colour, its depths.
    "a": lambda look: f"fill:#{look.main}",
    "b": lambda look: f"fill:#{darker(look.main, 0.16)}",
    "c": lambda look: f"fill:#{lighter(look.main, 0.3)}",
    "d": lambda look: f"fill:#{look.accent}",
    "e": lambda look: f"fill:#{darker(look.main, 0.38)}",
    "g": lambda look: f"fill:#{darker(look.accent, 0.18)}",
    "d2": lambda look: f"{LINE};stroke:#{look.accent};stroke-width:8",
    "s": lambda look: f"{LINE};stroke:#{darker(look.main, 0.1)};stroke-width:18",
    "s2": lambda look: f"{LINE};stroke:#{look.main};stroke-width:6",
    "r": lambda look: f"{LINE};stroke:#{darker(look.main, 0.28)};stroke-width:3",
    "z": lambda look: f"fill:#{lighter(look.ground, 0.5)}",
    # What most things have parts of: light, glass, metal, wood, paper, ink, leaves.
    "h": _fill("#fff;fill-opacity:.38"),
    "i": _fill("#dfeaf0;fill-opacity:.82"),
    "o": _fill("#fff;fill-opacity:.5"),
    "y": _fill("#ffd98a"),
    "m": _fill("#c3c8cd"),
    "n": _fill("#5d646c"),
    "n2": _fill("#8d949b"),
    "w": _fill("#cda274"),
    "v": _fill("#a87e52"),
    "p": _fill("#fbf8f2"),
    "q": _fill("#e6dccb"),
    "k": _fill("#2e3338"),
    "f": _fill("#5f8f5c"),
    "f2": _fill("#79a86f"),
    "p2": _line("#fbf3e4", 8),
    "t": _line("#4a5057", 6),
    "t2": _line("#4a5057", 3),
    "t3": _line("#5f8f5c", 5),
    "u": _line("#a4abb2", 10),
    "u2": _line("#a4abb2", 5),
    "x": _line("#8b8f94", 4),
    "x2": _line("#fbf8f2", 6),
}
