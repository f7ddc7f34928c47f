"""Results as tables: for the terminal while they come, and as Markdown for documents."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.machine import Machine
from bench.results import Record, Result
from bench.runs import Figure
from bench.scenarios import SCENARIOS

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
HEAD = (
    *("", "turns/s", "p50 ms", "p99 ms", "errors", "CPU ms", "of bare", "load", "others"),
    "loadavg",
)
WIDTHS = (34, 9, 8, 9, 7, 8, 8, 6, 7, 8)


def described(machine: Machine) -> str:
    return (
        f"{machine.processor}, {machine.cores} cores, {machine.memory_gib} GiB, "
        f"{machine.system}, Python {machine.python}"
    )


def cells(figure: Figure) -> tuple[str, ...]:
    return (
        figure.title,
        f"{figure.per_second:,.0f}",
        f"{figure.p50_ms:.1f}",
        f"{figure.p99_ms:.1f}",
        str(figure.errors),
        "-" if figure.cpu_ms is None else f"{figure.cpu_ms:.2f}",
        "-" if figure.of_bare is None else f"{figure.of_bare:.0%}",
        f"{figure.load_share:.0%}",
        f"{figure.others_share:.0%}",
        f"{figure.load_average:.1f}",
    )


def show(texts: Sequence[str]) -> None:
    """One line, at once."""
    first, *rest = (text.rjust(width) for text, width in zip(texts, WIDTHS, strict=True))
    print(texts[0].ljust(len(first)) + "".join(rest))
    sys.stdout.flush()


def show_figure(figure: Figure) -> None:
    show(cells(figure))
    for what, times in figure.worst.items():
        print(f"    {times} times: {what}")


def show_rest(record: Record) -> None:
    """What is not of one scenario."""
    print()
    for line in rest(record):
        print(line)
    for layer, microseconds in record.layers.items():
        print(f"{layer:52}{microseconds:10,.1f} µs")


def rest(record: Record) -> Iterable[str]:
    first = f"first start {record.first_start_seconds:.1f} s" if record.first_start_seconds else ""
    filled = f"{record.products:,} products in after {record.filling_seconds:.0f} s"
    yield ", ".join(filter(None, (first, filled, f"{record.disk_mb:,.0f} MB on disk at the end")))
    if record.page_bytes:
        parts = ", ".join(f"{kind} {size / 1000:.1f}" for kind, size in record.page_bytes.items())
        whole = sum(record.page_bytes.values()) / 1000
        yield f"a product page, compressed: {whole:.1f} kB ({parts})"
    for result in record.results:
        yield f"{result.shape.name}: later start {result.start_seconds:.1f} s{memory(result)}"


def memory(result: Result) -> str:
    told = (("idle", result.idle_memory_mb), ("under load", result.loaded_memory_mb))
    return "".join(f", {when} {size:,.0f} MB" for when, size in told if size is not None)


def markdown(record: Record) -> str:
    """Everything of one run, as a part of a document."""
    lines = [
        f"Souk {record.commit}, {record.at[:10]}. {described(record.machine)}; "
        f"{record.products:,} products; load average before: {record.load_average}. "
        f"Medians of {record.times.runs} runs of {record.times.seconds:g} s.",
        "",
    ]
    for result in record.results:
        lines += [f"**{result.shape.name}**", "", *table(result), ""]
    lines += [f"* {line}" for line in rest(record)]
    if record.layers:
        lines += ["", "| layer | µs |", "| --- | ---: |"]
        lines += [f"| {layer.strip()} | {value:,.1f} |" for layer, value in record.layers.items()]
    return "\n".join(lines)


def table(result: Result) -> list[str]:
    wants = result.shape.workers == 2
    head = (*HEAD, *(["wanted"] if wants else []))
    lines = [row(head), row(["---", *["---:"] * (len(head) - 1)])]
    for figure in result.figures:
        scenario = SCENARIOS.get(figure.name)
        wanted = [scenario.wanted if scenario else ""] if wants else []
        lines.append(row([*cells(figure), *wanted]))
    for name, limit in result.limits.items():
        lines.append(row([*cells(limit.bare), *([""] if wants else [])]))
        alone = [f"{name}: PostgreSQL alone", f"{limit.postgres_per_second:,.0f}"]
        lines.append(row([*alone, *[""] * (len(head) - 2)]))
    return lines


def row(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"


def put_into(document: Path, text: str) -> None:
    """Between the two marks of a document; raises ValueError where they are missing."""
    before = document.read_text()
    between = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    if not between.search(before):
        raise ValueError(f"{document} has no place for it, between {BEGIN} and {END}")
    document.write_text(between.sub(lambda _: f"{BEGIN}\n{text}\n{END}", before))
