"""Contracts made for tests: generated from a tree of their own, loaded beside the real ones."""

from __future__ import annotations

import shutil
import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType

from google.protobuf.descriptor_pool import DescriptorPool

from souk.kernel.wire import pool_of
from tools.contract_generator.build import generate

ROOT = Path(__file__).parents[2]
BAZAAR = Path(__file__).with_name("bazaar.proto")


def proto_tree(root: Path, text: str) -> Path:
    """A folder that holds the shared contracts and, as souk.bazaar.v1, those of `text`."""
    for package in ("api", "common"):
        shutil.copytree(ROOT / "proto/souk" / package, root / "proto/souk" / package)
    shutil.copyfile(ROOT / "buf.yaml", root / "buf.yaml")
    folder = root / "proto/souk/bazaar/v1"
    folder.mkdir(parents=True)
    (folder / "bazaar.proto").write_text(text)
    return root


def load(source: bytes, folder: Path, name: str) -> ModuleType:
    path = folder / f"{name}.py"
    path.write_bytes(source)
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # types of its fields are looked up there
    spec.loader.exec_module(module)
    return module


@cache
def bazaar() -> ModuleType:
    """The generated module of bazaar.proto."""
    folder = Path(mkdtemp(prefix="souk-bazaar-"))
    try:
        return load(generated()["bazaar.py"], folder, "scratch_bazaar")
    finally:
        shutil.rmtree(folder)


@cache
def bazaar_pool() -> DescriptorPool:
    return pool_of(generated()["descriptors.binpb"])


@cache
def generated() -> dict[str, bytes]:
    folder = Path(mkdtemp(prefix="souk-proto-"))
    try:
        return generate(proto_tree(folder, BAZAAR.read_text()))
    finally:
        shutil.rmtree(folder)
