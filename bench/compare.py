"""Two results side by side, each line with the ratio of the second to the first."""

from __future__ import annotations

from collections.abc import Iterator

from bench.results import Record
from bench.runs import Figure

WIDTHS = (14, 34, 10, 10, 8, 9, 9, 9, 9, 8)
HEAD = ("", "", "turns/s", "turns/s", "ratio", "p99 ms", "p99 ms", "CPU ms", "CPU ms", "ratio")


def compared(first: Record, second: Record) -> Iterator[str]:
    """Lines of a table; what only one of them has is named without a ratio."""
    yield f"A: {first.title}; load average {first.load_average}"
    yield f"B: {second.title}; load average {second.load_average}"
    for what in ("machine", "products", "times"):
        if getattr(first, what) != getattr(second, what):
            yield f"Beware: their {what} are not the same."
    yield ""
    yield line(HEAD)
    yield line(("", "", "A", "B", "B/A", "A", "B", "A", "B", "B/A"))
    ours, theirs = figures(first), figures(second)
    for key in ours | theirs:
        yield line((*titles(key, ours, theirs), *pair(ours.get(key), theirs.get(key))))
    layers = first.layers | second.layers
    for name in layers:
        before, after = first.layers.get(name), second.layers.get(name)
        yield f"{name:52}{told(before, 1):>10}{told(after, 1):>10} µs{ratio(before, after):>8}"


def figures(record: Record) -> dict[tuple[str, str], Figure]:
    """By shape and scenario, limits among them."""
    found: dict[tuple[str, str], Figure] = {}
    for result in record.results:
        for figure in result.figures:
            found[result.shape.name, figure.name] = figure
        for name, limit in result.limits.items():
            found[result.shape.name, f"bare {name}"] = limit.bare
    return found


def titles(key: tuple[str, str], *sides: dict[tuple[str, str], Figure]) -> tuple[str, str]:
    return key[0], next(side[key].title for side in sides if key in side)


def pair(first: Figure | None, second: Figure | None) -> tuple[str, ...]:
    def both(name: str, digits: int) -> tuple[str, str, str]:
        values = [None if each is None else getattr(each, name) for each in (first, second)]
        return told(values[0], digits), told(values[1], digits), ratio(*values)

    rates, tails, costs = both("per_second", 0), both("p99_ms", 1), both("cpu_ms", 2)
    return (*rates, *tails[:2], *costs)


def told(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def ratio(first: float | None, second: float | None) -> str:
    return f"{second / first:.2f}" if first and second is not None else "-"


def line(texts: tuple[str, ...]) -> str:
    padded = (
        text.ljust(width) if place < 2 else text.rjust(width)
        for place, (text, width) in enumerate(zip(texts, WIDTHS, strict=True))
    )
    return "".join(padded).rstrip()
