"""What was found, kept as lines of JSON, and found again by number, commit or file."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from bench.machine import Machine
from bench.runs import Figure, Times
from bench.stage import Shape

RESULTS = Path(__file__).with_name("results") / "results.jsonl"


class Limit(Struct, kw_only=True):
    """What a bare server and PostgreSQL alone reach on the same machine in the same minutes."""

    bare: Figure
    postgres_per_second: float


class Result(Struct, kw_only=True):
    """What was found of one shape."""

    shape: Shape
    start_seconds: float = 0.0
    idle_memory_mb: float | None = None
    loaded_memory_mb: float | None = None
    figures: list[Figure] = []
    limits: dict[str, Limit] = {}


class Record(Struct, kw_only=True):
    """One run of the bench: a line of the file of results."""

    at: str
    commit: str
    machine: Machine
    load_average: float = 0.0  # when it began
    products: int
    times: Times
    first_start_seconds: float = 0.0
    filling_seconds: float = 0.0
    disk_mb: float = 0.0
    results: list[Result]
    layers: dict[str, float] = {}  # microseconds
    page_bytes: dict[str, int] = {}  # of a product page as it is sent, compressed: by kind

    @property
    def title(self) -> str:
        return f"{self.commit or 'no commit'}, {self.at}"


class NoResult(Exception):  # noqa: N818 - a statement
    """There is no result of that name; the message says which there are."""


def keep(record: Record, file: Path = RESULTS) -> None:
    file.parent.mkdir(exist_ok=True)
    with file.open("ab") as kept:
        kept.write(msgspec.json.encode(record) + b"\n")


def chosen(name: str, file: Path = RESULTS) -> Record:
    """By number (0 is the oldest, -1 the newest), by the beginning of its commit (then the newest
    of those), or the newest of another file. Raises NoResult."""
    if Path(name).is_file():
        return kept_in(Path(name))[-1]
    records = kept_in(file)
    with suppress(ValueError, IndexError):
        return records[int(name)]
    of_commit = [record for record in records if name and record.commit.startswith(name)]
    if of_commit:
        return of_commit[-1]
    known = "".join(f"\n  {number:3}  {each.title}" for number, each in enumerate(records))
    raise NoResult(f"there is no result {name!r} and no such file; {file.name} has{known}")


def kept_in(file: Path) -> list[Record]:
    """Oldest first; raises NoResult where there is none or it cannot be read."""
    if not file.is_file():
        raise NoResult(f"there are no results yet: {file} comes with the first run")
    records = []
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        try:
            records.append(msgspec.json.decode(line, type=Record))
        except msgspec.MsgspecError as error:
            raise NoResult(f"{file}, line {number} is no result: {error}") from None
    if not records:
        raise NoResult(f"{file} is empty")
    return records


def commit() -> str:
    """Which Souk was measured; empty where it is no checkout."""
    asked = ["git", "describe", "--always", "--dirty"]
    with suppress(OSError):
        said = subprocess.run(
            asked, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
        return said.stdout.strip()
    return ""
