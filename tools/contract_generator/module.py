"""One generated module: its lines, its imports and the names it may use."""

from __future__ import annotations

import textwrap
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FileDescriptor

from .contracts import OWN, Contracts, class_name, enums_of, messages_of, short

# Names that a generated module imports; a message or an enum may not be called so.
TAKEN = frozenset(
    {"ABC", "Annotated", "AsyncIterator", "ClassVar", "Mapping", "StrEnum", "Meta", "Struct"}
    | {"Int32", "Int64", "UInt32", "UInt64", "Uuid", "UuidOrEmpty", "Email", "EmailOrEmpty"}
    | {"Instant", "Money", "Empty", "File", "Event", "Refusal", "Kind", "Method", "Transport"}
)


class Module:
    """Collects the text of souk.contracts.<package>."""

    def __init__(self, package: str, files: list[FileDescriptor], contracts: Contracts) -> None:
        self.package, self.files, self.contracts = package, files, contracts
        self.lines: list[str] = []
        self.imports: dict[str, set[str]] = {}
        own = [thing for file in files for thing in (*messages_of(file), *enums_of(file))]
        self.local = {class_name(thing) for thing in own if short(thing.file) == package}

    def add(self, *lines: str) -> None:
        self.lines += lines

    def use(self, module: str, *names: str) -> str:
        """Imports the names and says what the last of them is called here."""
        names = tuple(f"{n} as Kernel{n}" if n in self.local - TAKEN else n for n in names)
        self.imports.setdefault(module, set()).update(names)
        return names[-1].rpartition(" ")[2]

    def type_of(self, thing: Descriptor | EnumDescriptor) -> str:
        """The Python name of a message or an enum, imported where it lives elsewhere."""
        if thing.full_name in OWN:
            return self.use(*OWN[thing.full_name])
        name, home = class_name(thing), short(thing.file)
        if home == self.package:
            return name
        if name in self.local:
            alias = f"{home.capitalize()}{name}"
            self.imports.setdefault(f"souk.contracts.{home}", set()).add(f"{name} as {alias}")
            return alias
        return self.use(f"souk.contracts.{home}", name)

    def doc(self, thing: Any, indent: str = "    ") -> list[str]:
        return docstring(self.contracts.comment(thing), indent)

    def text(self) -> str:
        about = next(filter(None, map(self.contracts.comment, self.files)), "")
        about = about or f"The contract souk.{self.package}.v1."
        names = ", ".join(file.name for file in self.files)
        head = [f'"""{about}', "", f"Generated from {names}; do not edit.", '"""', ""]
        return "\n".join([*head, *self._import_lines(), *self.lines]) + "\n"

    def _import_lines(self) -> list[str]:
        lines = ["from __future__ import annotations", ""]
        standard: list[str] = []
        theirs: list[str] = []
        ours: list[str] = []
        for module, names in sorted(self.imports.items()):
            group = ours if module.startswith("souk") else theirs
            group = standard if module.split(".")[0] in STANDARD else group
            plain = sorted((name for name in names if " as " not in name), key=import_order)
            group += [f"from {module} import {', '.join(plain)}"] if plain else []
            group += [f"from {module} import {name}" for name in sorted(names) if " as " in name]
        for group in (standard, theirs, ours):
            lines += [*group, ""] if group else []
        if "Transport" in "".join(self.lines):
            lines += ["if TYPE_CHECKING:", "    from souk.kernel.transport import Transport", ""]
        return lines


WIDTH = 93  # of the text in a docstring: 100 columns less its quotes and a margin
STANDARD = frozenset({"abc", "collections", "enum", "typing"})


def import_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, as ruff sorts them."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def docstring(comment: str, indent: str) -> list[str]:
    if not comment:
        return []
    wrapped = (textwrap.wrap(line, WIDTH - len(indent)) or [""] for line in comment.splitlines())
    comment = "\n".join(line for lines in wrapped for line in lines)
    comment = comment.replace("\\", "\\\\").replace('"""', "'''")
    if comment.endswith('"'):
        comment += " "
    first, *rest = comment.splitlines()
    if not rest:
        return [f'{indent}"""{first}"""']
    return [f'{indent}"""{first}', *(f"{indent}{line}".rstrip() for line in rest), f'{indent}"""']


def quoted(text: str, width: int = 72) -> str:
    """A string literal, in pieces where it is long."""
    pieces = textwrap.wrap(
        text, width, drop_whitespace=False, replace_whitespace=False, break_long_words=False
    )
    together = " ".join(literal(piece) for piece in pieces)
    return f"({together})" if len(pieces) > 1 else literal(text)


def literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
