"""Breaks a started Souk on purpose: Python imports this first where this folder is on PYTHONPATH.

`SABOTAGE=package.module:function` names what is done, once, in every process of Souk that serves;
several are separated by commas. See `tests/faults/sabotage/__init__.py`.
"""

import importlib
import os

if "SOUK_PARENT_FD" in os.environ:  # the supervisor and the command line stay whole
    for name in filter(None, os.environ.get("SABOTAGE", "").split(",")):
        module, _, function = name.partition(":")
        getattr(importlib.import_module(module), function)()
