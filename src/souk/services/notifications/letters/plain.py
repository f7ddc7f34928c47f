"""A letter as plain text: for terminals, watches, screen readers and people who like it."""

from __future__ import annotations

from textwrap import wrap

from souk.services.notifications.letters import Figure, Letter, Line

WIDTH = 68


def plain(letter: Letter) -> str:
    blocks = [
        letter.heading,
        *("\n".join(wrap(text, WIDTH, break_long_words=False)) for text in letter.paragraphs),
        _figures(letter.facts),
        _lines(letter.lines),
        _figures((*letter.sums, letter.total) if letter.total else letter.sums, at_right=True),
        "\n".join(("It goes to", *letter.address)) if letter.address else "",
        f"{letter.button.label}: {letter.button.url}",
        "--\nSouk. You get this mail because of your order or your account.",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _figures(figures: tuple[Figure, ...], *, at_right: bool = False) -> str:
    if at_right:
        return "\n".join(_spread(figure.label, figure.value) for figure in figures)
    return "\n".join(f"{figure.label}: {figure.value}" for figure in figures)


def _lines(lines: tuple[Line, ...]) -> str:
    return "\n".join(
        f"{_spread(line.name, line.price)}\n  {line.detail}".rstrip() for line in lines
    )


def _spread(left: str, right: str) -> str:
    return f"{left}{right:>{max(WIDTH - len(left), len(right) + 2)}}" if right else left
