"""STYLE's limits: a file, a function and a line that a reader can hold at once."""

import ast

import pytest

from tests.architecture.source import ROOT, SOURCE, functions, modules, name_of

FORBIDDEN_NAMES = {"service.py", "manager.py", "utils.py", "helpers.py", "common.py"}
# What decides or repeats; `with` only says for how long.
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match)


def all_modules():
    return [pytest.param(path, tree, id=name_of(path)) for path, tree in modules()]


def depth(node: ast.AST, level: int = 0) -> int:
    """How deep blocks lie in blocks; `elif` goes no deeper than its `if`."""
    deepest = level
    for name, child in [
        (n, c) for n, v in ast.iter_fields(node) for c in (v if isinstance(v, list) else [v])
    ]:
        if not isinstance(child, ast.AST) or isinstance(
            child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ):
            continue
        is_elif = isinstance(node, ast.If) and name == "orelse" and isinstance(child, ast.If)
        deeper = isinstance(child, BLOCKS) and not is_elif
        deepest = max(deepest, depth(child, level + deeper))
    return deepest


@pytest.mark.parametrize(("path", "tree"), all_modules())
def test_a_module_stays_within_the_limits(path, tree):
    lines = path.read_text().splitlines()
    assert len(lines) <= 300, f"{len(lines)} lines: split it along a noun or a verb"
    for function in functions(tree):
        where = f"{function.name}, line {function.lineno}"
        assert function.end_lineno - function.lineno < 50, f"{where} is longer than 50 lines"
        positional = [a.arg for a in function.args.posonlyargs + function.args.args]
        positional = [name for name in positional if name not in ("self", "cls")]
        assert len(positional) <= 5, f"{where} takes more than 5 positional parameters"
        assert depth(function) <= 3, f"{where} nests deeper than 3"


@pytest.mark.parametrize(("path", "tree"), all_modules())
def test_a_module_opens_with_one_sentence(path, tree):
    assert ast.get_docstring(tree) or not tree.body, "says in one sentence what it is for"


def test_tests_stay_within_500_lines():
    long = [p for p in (ROOT / "tests").rglob("*.py") if len(p.read_text().splitlines()) > 500]
    assert not long


def test_no_file_is_named_for_nothing():
    assert not [
        p for p in SOURCE.rglob("*.py") if p.name in FORBIDDEN_NAMES and "contracts" not in p.parts
    ]
