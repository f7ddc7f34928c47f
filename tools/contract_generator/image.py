"""The contracts as `buf` compiles them, without a network."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

# What our contracts import from googleapis; the wheel googleapis-common-protos brings them.
GOOGLE = ("google/api/annotations.proto", "google/api/http.proto")


class BufError(Exception):
    """What `buf` had to say."""


def compile_contracts(root: Path) -> FileDescriptorSet:
    """Every file under `root`/proto with its comments, in an order in which each can be added."""
    with workspace(root) as folder:
        run_buf(folder, "build", "--as-file-descriptor-set", "-o", "image.binpb")
        return FileDescriptorSet.FromString((folder / "image.binpb").read_bytes())


def lint(root: Path) -> None:
    """Raises BufError with what `buf lint` finds."""
    with workspace(root) as folder:
        run_buf(folder, "lint")


def breaking(root: Path, before: Path) -> None:
    """Raises BufError where the contracts under `root` break those of the checkout `before`."""
    with workspace(root) as folder, workspace(before) as earlier:
        run_buf(folder, "breaking", "--against", str(earlier))


@contextmanager
def workspace(root: Path) -> Iterator[Path]:
    """A copy of the contracts and, beside them, of what they import.

    buf takes imports from the network or from a module of the same workspace. A folder inside
    a virtual environment cannot be named in buf.yaml, so the workspace is put together here.
    """
    with tempfile.TemporaryDirectory(prefix="souk-proto-") as name:
        folder = Path(name)
        shutil.copytree(root / "proto", folder / "proto")
        settings = (root / "buf.yaml").read_text()
        entry = "modules:\n  - path: proto\n"
        if entry not in settings:
            raise BufError(f"{root / 'buf.yaml'} must hold the lines {entry!r}")
        google = entry + "  - path: google\n    lint:\n      ignore: [google]\n"
        (folder / "buf.yaml").write_text(settings.replace(entry, google))
        for file in GOOGLE:
            target = folder / "google" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(find_google(file), target)
        yield folder


def find_google(file: str) -> Path:
    package, _, name = file.rpartition("/")
    spec = find_spec(package.replace("/", "."))
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(place) / name).exists():
            return Path(place) / name
    raise BufError(f"{file} is missing; install googleapis-common-protos")


def run_buf(folder: Path, *arguments: str) -> None:
    beside = Path(sys.executable).parent / "buf"
    program = str(beside) if beside.exists() else "buf"
    done = subprocess.run(
        [program, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BufError((done.stdout + done.stderr).strip())
