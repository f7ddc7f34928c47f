"""All generated files at once: modules, the list of services and the descriptor set."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from souk.kernel import refusals as kernel

from .access_table import access_table
from .checks import findings
from .contracts import Contracts, enums_of, messages_of, short
from .image import compile_contracts
from .messages import write_enum, write_message
from .module import Module
from .services import homes_of_refusals, write_service


class ContractError(Exception):
    """What is wrong with the contracts, one finding a line."""


ACCESS = "access.md"


def generate(root: Path) -> dict[str, bytes]:
    """File name -> content of everything that belongs into souk/contracts; and docs/access.md."""
    image = compile_contracts(root)
    contracts = Contracts(image)
    shared = {name for name, cls in vars(kernel).items() if is_kernel_refusal(cls)}
    if found := findings(contracts, frozenset(shared)):
        raise ContractError("\n".join(found))
    sources = {f"{m.package}.py": m.text() for m in modules(contracts, shared)}
    refuse_cycles(sources)
    sources["__init__.py"] = index(contracts)
    files = {name: formatted(text) for name, text in sources.items()}
    table = access_table(contracts).encode()
    return files | {"descriptors.binpb": descriptors(image), ACCESS: table}


def is_kernel_refusal(thing: object) -> bool:
    return (
        isinstance(thing, type)
        and issubclass(thing, kernel.Refusal)
        and thing is not kernel.Refusal
        and thing.__module__ == kernel.__name__
    )


def modules(contracts: Contracts, shared: set[str]) -> Iterable[Module]:
    for package, files in contracts.packages().items():
        module = Module(package, files, contracts)
        for file in files:
            for enum in enums_of(file):
                if package != "api" or enum.full_name in contracts.api_enums():
                    write_enum(module, enum)
            for message in messages_of(file) if package != "api" else ():
                write_message(module, message)
        refusals = dict.fromkeys(shared, kernel.__name__) | homes_of_refusals(contracts, package)
        for file in files:
            for service in file.services_by_name.values():
                write_service(module, service, refusals)
        if module.lines:
            yield module


def refuse_cycles(sources: dict[str, str]) -> None:
    """Modules that import one another in a circle cannot be loaded."""
    graph = {
        name.removesuffix(".py"): {
            line.split()[1].rpartition(".")[2]
            for line in text.splitlines()
            if line.startswith("from souk.contracts.")
        }
        for name, text in sources.items()
    }
    while graph:
        free = [name for name, needs in graph.items() if not needs & graph.keys()]
        if not free:
            raise ContractError(f"these packages import one another: {', '.join(sorted(graph))}")
        graph = {name: needs for name, needs in graph.items() if name not in free}


INDEX = (
    '"""What the services say to one another and to the world.',
    "",
    "Generated from proto/; do not edit.",
    '"""',
    "",
    "# Where each service's base class is; a process imports only those it needs.",
    "SERVICES: dict[str, str] = {",
)


def index(contracts: Contracts) -> str:
    services = {short(service.file): service.name for service in contracts.services()}
    rows = [f'    "{name}": "souk.contracts.{name}:{services[name]}",' for name in sorted(services)]
    return "\n".join([*INDEX, *rows, "}", ""])


def descriptors(image: FileDescriptorSet) -> bytes:
    """The contracts without their comments, for the wire codec, reflection and OpenAPI."""
    bare = FileDescriptorSet()
    bare.CopyFrom(image)
    for file in bare.file:
        file.ClearField("source_code_info")
    return bare.SerializeToString(deterministic=True)


def formatted(text: str) -> bytes:
    beside = Path(sys.executable).parent / "ruff"
    program = str(beside) if beside.exists() else "ruff"
    options = ["format", "--isolated", "--line-length", "100", "--target-version", "py311", "-"]
    done = subprocess.run(
        [program, *options], input=text.encode(), capture_output=True, check=False
    )
    if done.returncode:
        raise ContractError(f"{done.stderr.decode()}\n{text}")
    return done.stdout
