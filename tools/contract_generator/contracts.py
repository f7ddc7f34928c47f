"""The compiled contracts with the comments and options that say more than their shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from google.protobuf import descriptor_pb2, message_factory
from google.protobuf.descriptor import (
    Descriptor,
    EnumDescriptor,
    FieldDescriptor,
    FileDescriptor,
    MethodDescriptor,
    ServiceDescriptor,
)
from google.protobuf.descriptor_pool import DescriptorPool

OURS = re.compile(r"^souk\.([a-z]+)\.v1$")
# Messages with a Python type of their own in the kernel.
OWN = {
    "google.protobuf.Timestamp": ("souk.kernel.rules", "Instant"),
    "google.protobuf.Empty": ("souk.kernel.contract", "Empty"),
    "souk.common.v1.Money": ("souk.kernel.money", "Money"),
    "souk.common.v1.File": ("souk.kernel.contract", "File"),
}


class Contracts:
    """Every message, enum and service of ours, package by package."""

    def __init__(self, image: descriptor_pb2.FileDescriptorSet) -> None:
        self.pool = DescriptorPool()
        self._comments: dict[str, str] = {}
        for file in image.file:
            self.pool.Add(file)
            self._comments |= comments_of(file)
        self.files = [
            self.pool.FindFileByName(file.name) for file in image.file if OURS.match(file.package)
        ]
        self.requests = self._reachable_from_requests()

    def packages(self) -> dict[str, list[FileDescriptor]]:
        """Short name -> files; the file named like the package comes first."""
        found: dict[str, list[FileDescriptor]] = {}
        for file in sorted(self.files, key=lambda file: (stem(file) != short(file), file.name)):
            found.setdefault(short(file), []).append(file)
        return dict(sorted(found.items()))

    def comment(self, thing: Any) -> str:
        name = f"{thing.name}:" if isinstance(thing, FileDescriptor) else thing.full_name
        return self._comments.get(name, "")

    def comment_of_value(self, enum: EnumDescriptor, value: str) -> str:
        return self._comments.get(f"{enum.full_name}.{value}", "")

    def option(self, thing: Any, name: str) -> Any:
        """The value of an option (a list of a repeated one), or None where it is not set."""
        options = thing.GetOptions()
        known = self.pool.FindMessageTypeByName(options.DESCRIPTOR.full_name)
        parsed = message_factory.GetMessageClass(known).FromString(options.SerializeToString())
        full = name if "." in name else f"souk.api.v1.{name}"
        extension: Any = self.pool.FindExtensionByName(full)
        if extension.is_repeated:
            return list(parsed.Extensions[extension])
        return parsed.Extensions[extension] if parsed.HasExtension(extension) else None

    def option_name(self, thing: Any, name: str) -> str:
        """The short lower-case name of an enum option; empty where it is not set."""
        number = self.option(thing, name)
        if not number:
            return ""
        kind = self.pool.FindExtensionByName(f"souk.api.v1.{name}").enum_type
        return enum_values(kind)[number] if kind else ""

    def messages(self) -> Iterator[Descriptor]:
        """Those that become classes, nested ones before the one around them."""
        for file in self.files:
            if short(file) != "api":  # options; no value of them ever travels
                yield from messages_of(file)

    def refusals(self) -> list[Descriptor]:
        return [message for message in self.messages() if self.option(message, "error")]

    def events(self) -> list[Descriptor]:
        return [m for m in self.messages() if self.option(m, "subject") is not None]

    def services(self) -> list[ServiceDescriptor]:
        return [service for file in self.files for service in file.services_by_name.values()]

    def methods(self) -> list[MethodDescriptor]:
        return [method for service in self.services() for method in service.methods]

    def api_enums(self) -> set[str]:
        """Enums of the options that contracts use for values of their own, such as Role."""
        used = (field.enum_type for message in self.messages() for field in message.fields)
        return {enum.full_name for enum in used if enum and short(enum.file) == "api"}

    def _reachable_from_requests(self) -> set[str]:
        found: set[str] = set()
        waiting = [method.input_type for method in self.methods()]
        while waiting:
            message = waiting.pop()
            if message.full_name not in found:
                found.add(message.full_name)
                waiting += [field.message_type for field in message.fields if field.message_type]
        return found


def messages_of(parent: Any) -> Iterator[Descriptor]:
    children = (
        parent.nested_types
        if isinstance(parent, Descriptor)
        else parent.message_types_by_name.values()
    )
    for message in children:
        if not is_map_entry(message):
            yield from messages_of(message)
            if message.full_name not in OWN:
                yield message


def enums_of(file: FileDescriptor) -> list[EnumDescriptor]:
    own = list(file.enum_types_by_name.values())
    return own + [enum for message in messages_of(file) for enum in message.enum_types]


def is_map_entry(message: Descriptor) -> bool:
    return bool(message.GetOptions().map_entry)


def map_entry(field: FieldDescriptor) -> Descriptor | None:
    """The message of key and value behind a map; None for any other field."""
    entry = field.message_type
    return entry if entry and is_map_entry(entry) else None


def short(file: FileDescriptor) -> str:
    """souk.orders.v1 is `orders`; a package that is not ours is empty."""
    match = OURS.match(file.package)
    return match[1] if match else ""


def stem(file: FileDescriptor) -> str:
    return file.name.rpartition("/")[2].removesuffix(".proto")


def class_name(thing: Any) -> str:
    """`Order.Line` becomes OrderLine."""
    outer = thing.containing_type
    return f"{class_name(outer) if outer else ''}{thing.name}"


def snake(name: str) -> str:
    """`PlaceOrder` becomes place_order."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def enum_values(enum: EnumDescriptor) -> dict[int, str]:
    """Number -> short lower-case name. Zero is "not given" and has none."""
    zero = next(value.name for value in enum.values if value.number == 0)
    prefix = zero.removesuffix("UNSPECIFIED")
    return {v.number: v.name.removeprefix(prefix).lower() for v in enum.values if v.number}


def comments_of(file: descriptor_pb2.FileDescriptorProto) -> dict[str, str]:
    """Full name -> the comment before it; the file's own stands under `<file name>:`."""
    said = {tuple(at.path): clean(at.leading_comments) for at in file.source_code_info.location}
    found = {f"{file.name}:": said.get((2,), "")}
    for path, name in names_of(file, file.package, ()):
        found[name] = said.get(path, "")
    return found


def clean(comment: str) -> str:
    return "\n".join(line.strip() for line in comment.splitlines()).strip()


# Where descriptor.proto keeps what may hold a comment: field -> its number, by kind of parent.
PLACES = {
    "FileDescriptorProto": {"message_type": 4, "enum_type": 5, "service": 6},
    "DescriptorProto": {"field": 2, "nested_type": 3, "enum_type": 4},
    "EnumDescriptorProto": {"value": 2},
    "ServiceDescriptorProto": {"method": 2},
}


def names_of(thing: Any, name: str, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], str]]:
    for member, number in PLACES.get(thing.DESCRIPTOR.name, {}).items():
        for index, child in enumerate(getattr(thing, member)):
            where, full = (*path, number, index), f"{name}.{child.name}"
            yield where, full
            yield from names_of(child, full, where)
