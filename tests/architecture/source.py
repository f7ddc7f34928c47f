"""Reads Souk's own source, for the rules that are executed."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "souk"


@cache
def modules(folder: Path = SOURCE) -> tuple[tuple[Path, ast.Module], ...]:
    """Every module written by hand below `folder`, parsed."""
    found = (path for path in sorted(folder.rglob("*.py")) if "contracts" not in path.parts)
    return tuple((path, ast.parse(path.read_text())) for path in found)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def escapes(path: Path, rule: str) -> set[int]:
    """Lines that carry `# allow-<rule>: <reason>`; an escape without a reason is none."""
    marks = (line.partition(f"# allow-{rule}:") for line in path.read_text().splitlines())
    return {number for number, (_, mark, reason) in enumerate(marks, 1) if mark and reason.strip()}
