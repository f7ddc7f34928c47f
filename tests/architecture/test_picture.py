"""ARCHITECTURE.md shows who calls and hears whom, as the wiring says; calls form no circle."""

import ast
import os
import re
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.architecture.source import ROOT, SOURCE, modules

BEGIN, END = "<!-- drawn from wiring.py: begin -->", "<!-- drawn from wiring.py: end -->"
SERVICES = sorted(path.parent.name for path in (SOURCE / "services").glob("*/wiring.py"))


def calls_of(service: str) -> set[str]:
    """The services whose clients a wiring.py asks the platform for."""
    tree = ast.parse((SOURCE / "services" / service / "wiring.py").read_text())
    contracts = {
        alias.asname or alias.name: node.module.rsplit(".", 1)[-1]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("souk.contracts.")
        for alias in node.names
    }
    return {
        contracts[ast.unparse(node.args[0])]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "client"
    }


def hears(service: str) -> set[tuple[str, str]]:
    """(event, the service that tells it) for every consumer."""
    heard = set()
    for _, tree in modules(SOURCE / "services" / service):
        homes = {
            alias.asname or alias.name: node.module.rsplit(".", 1)[-1]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith("souk.contracts.")
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "on" and node.args:
                event = ast.unparse(node.args[0])
                heard.add((event, homes[event]))
    return heard


def picture() -> str:
    lines = ["```mermaid", "flowchart LR"]
    for service in SERVICES:
        lines += [f"    {service} --> {other}" for other in sorted(calls_of(service))]
    for service in SERVICES:
        by_teller: dict[str, list[str]] = {}
        for event, teller in sorted(hears(service)):
            by_teller.setdefault(teller, []).append(event)
        for teller, events in sorted(by_teller.items()):
            lines.append(f"    {teller} -. {'<br>'.join(events)} .-> {service}")
    return "\n".join([*lines, "```"])


def test_calls_between_services_never_run_in_circles():
    try:
        TopologicalSorter({service: calls_of(service) for service in SERVICES}).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of calls: {' -> '.join(error.args[1])}")


def test_the_picture_is_up_to_date():
    """Set SOUK_WRITE_PICTURE=1 to draw it anew."""
    path = ROOT / "ARCHITECTURE.md"
    text = path.read_text()
    drawn = re.sub(f"{BEGIN}.*?{END}", f"{BEGIN}\n{picture()}\n{END}", text, flags=re.DOTALL)
    if os.environ.get("SOUK_WRITE_PICTURE"):
        path.write_text(drawn)
    assert BEGIN in text
    assert path.read_text() == drawn
