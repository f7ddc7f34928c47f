"""How a test takes a safeguard out of a started Souk, without a switch for it in the product.

A sabotage is a function without arguments that changes Souk's modules in the process it is called
in, in a module of the tests (`tests/faults/storm/patches.py`, `tests/faults/thousands/patches.py`).
`environment_of("tests.faults.storm.patches:sell_what_is_not_there")` is what Souk must be started
with, as `running(environment=…)` takes it; a process of the tests calls `commit` itself.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from pathlib import Path

HOOK = Path(__file__).parent
ROOT = HOOK.parents[2]


def environment_of(*names: str) -> Mapping[str, str]:
    """Variables that apply the sabotages `package.module:function` in every serving process."""
    if not names:
        return {}
    paths = [str(HOOK), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths), "SABOTAGE": ",".join(names)}


def commit(name: str) -> None:
    """Applies the sabotage `package.module:function` in this process."""
    module, _, function = name.partition(":")
    getattr(importlib.import_module(module), function)()
