"""What a count came to: a line for people, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

EXAMPLES_MAX = 10


class Found(Struct, kw_only=True):
    """`wrong` is empty where the promise was kept."""

    name: str
    figure: str = ""
    wrong: list[str] = []
    seconds: float = 0.0

    def must(self, is_so: bool, otherwise: str) -> None:
        if not is_so:
            self.wrong.append(otherwise)

    def none(self, what: str, items: Iterable[object]) -> None:
        """Nothing of the kind may be there; some of what is there is told."""
        if there := list(items):
            some = ", ".join(map(str, there[:EXAMPLES_MAX]))
            self.wrong.append(f"{len(there)} {what}: {some}")

    def __str__(self) -> str:
        verdict = "BROKEN" if self.wrong else "holds "
        lines = [f"{verdict}  {self.name}: {self.figure}; {self.seconds:.0f} s"]
        return "\n".join([*lines, *(f"            {each}" for each in self.wrong)])
