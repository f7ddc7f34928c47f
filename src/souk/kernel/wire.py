"""Contract structs as protobuf bytes and back: what travels between processes.

Message classes are built from the descriptor set. For each pair of message and struct two
straight-line functions are written and compiled once, so that no call pays for reflection.
Encoding raises ValueError where a value has no place on the wire (a moment without a zone, a
number too large for its field); decoding raises protobuf's DecodeError for bytes that are no
message, and ValueError for values that no struct can hold. Rules are not held here: whoever
takes bytes from outside calls `souk.kernel.validation.check` on what was decoded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from google.protobuf import descriptor_pb2, message_factory
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool

from souk.kernel.contract import Empty, File, Method
from souk.kernel.money import Money

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OWN: dict[str, type] = {
    "google.protobuf.Empty": Empty,
    "souk.common.v1.Money": Money,
    "souk.common.v1.File": File,
}

Encode = Callable[[Any], bytes]
Decode = Callable[[bytes], Any]
Convert = Callable[[Any], Any]


@cache
def pool() -> DescriptorPool:
    """Every contract, as protobuf knows it; also what gRPC reflection serves."""
    source = Path(__file__).parents[1] / "contracts" / "descriptors.binpb"
    return pool_of(source.read_bytes())


def pool_of(descriptors: bytes) -> DescriptorPool:
    """A pool of a serialized FileDescriptorSet in which imports come first."""
    found = DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors).file:
        found.Add(file)
    return found


def codecs(method: Method) -> tuple[Encode, Decode, Encode, Decode]:
    """Encoder and decoder of a method's request, then of its response."""
    described = pool().FindMethodByName(f"{method.service}.{method.name}")
    request = codec(described.input_type, method.request)
    response = codec(described.output_type, method.response)
    return (*request, *response)


def codec(message: Descriptor, struct: type) -> tuple[Encode, Decode]:
    to_message, to_struct = converters(message, struct)
    parse = message_factory.GetMessageClass(message).FromString

    def encode(value: Any) -> bytes:
        data: bytes = to_message(value).SerializeToString()
        return data

    def decode(data: bytes) -> Any:
        return to_struct(parse(data))

    return encode, decode


@cache
def converters(message: Descriptor, struct: type) -> tuple[Convert, Convert]:
    """(struct -> message, message -> struct), compiled."""
    source = Source(message, struct)
    text = source.write()
    exec(compile(text, f"<{message.full_name}>", "exec"), source.scope)  # noqa: S102 - our own text
    return source.scope["to_message"], source.scope["to_struct"]


class Source:
    """Writes the two functions of one message.

    What a name stands for differs from message to message, so the functions take theirs from
    `scope`, which is their module.
    """

    def __init__(self, message: Descriptor, struct: type) -> None:
        self.message = message
        self.hints = get_type_hints(struct)
        self.names = {f.encode_name: f.name for f in msgspec.structs.fields(struct)}
        self.scope: dict[str, Any] = {
            "Message": message_factory.GetMessageClass(message),
            "Struct": struct,
            "moment": moment,
            "zoned": zoned,
        }

    def write(self) -> str:
        out, into = [], []
        for field in self.message.fields:
            name = self.names[field.name]
            # getattr and ** because a field may be called `from`, and `m.from` is no Python.
            m = f"m.{field.name}" if name == field.name else f'getattr(m, "{field.name}")'
            write, read = self.field(field, bare(self.hints[name]), f"s.{name}", m)
            key = f"{field.name}=" if name == field.name else f'**{{"{field.name}": '
            out.append(f"        {key}{write}{'}' if '{' in key else ''},")
            into.append(f"        {name}={read},")
        lines = ["def to_message(s):", "    return Message(", *out, "    )"]
        lines += ["def to_struct(m):", "    return Struct(", *into, "    )"]
        return "\n".join(lines) + "\n"

    def field(self, field: FieldDescriptor, hint: Any, s: str, m: str) -> tuple[str, str]:
        """Expressions that write and read one field."""
        entry = field.message_type
        if entry and entry.GetOptions().map_entry:
            value = entry.fields_by_name["value"]
            write, read = self.value(value, bare(get_args(hint)[1]), field.name, ("v", "v"))
            return (
                f"{{k: {write} for k, v in {s}.items()}}",
                f"{{k: {read} for k, v in {m}.items()}}",
            )
        if field.is_repeated:
            element = bare(get_args(hint)[0])
            write, read = self.value(field, element, field.name, ("x", "x"))
            return self.all_of(s, write), f"tuple({self.all_of(m, read)})"
        write, read = self.value(field, hint, field.name, (s, m))
        if field.message_type:
            write = f"None if {s} is None else {write}"
        if field.message_type or field.has_presence:
            read = f'{read} if m.HasField("{field.name}") else None'
        return write, read

    def all_of(self, values: str, one: str) -> str:
        return values if one == "x" else f"[{one} for x in {values}]"

    def value(
        self, field: FieldDescriptor, hint: Any, name: str, at: tuple[str, str]
    ) -> tuple[str, str]:
        """Expressions for one value; `at` holds those that fetch it: of the struct, the message."""
        s, m = at
        if field.enum_type:
            to_number, to_member = enum_tables(field.enum_type, hint)
            self.scope[f"{name}_number"], self.scope[f"{name}_member"] = to_number, to_member.get
            return f"{name}_number[{s}]", f"{name}_member({m})"
        if not field.message_type:
            return s, m
        if field.message_type.full_name == "google.protobuf.Timestamp":
            return f"zoned({s})", f"moment({m})"
        struct = OWN.get(field.message_type.full_name, hint)
        inner = lazily(field.message_type, struct)
        self.scope[f"{name}_message"], self.scope[f"{name}_struct"] = inner
        return f"{name}_message({s})", f"{name}_struct({m})"


def lazily(message: Descriptor, struct: type) -> tuple[Convert, Convert]:
    """The converters of a message within; where it holds itself they wait for the first call."""
    if not holds(message, message.full_name, set()):
        return converters(message, struct)

    def to_message(value: Any) -> Any:
        return converters(message, struct)[0](value)

    def to_struct(value: Any) -> Any:
        return converters(message, struct)[1](value)

    return to_message, to_struct


def holds(message: Descriptor, name: str, seen: set[str]) -> bool:
    """Whether a message called `name` may be found within this one, at any depth."""
    inner = [field.message_type for field in message.fields if field.message_type]
    if any(kind.full_name == name for kind in inner):
        return True
    fresh = [kind for kind in inner if kind.full_name not in seen]
    seen.update(kind.full_name for kind in fresh)
    return any(holds(kind, name, seen) for kind in fresh)


def enum_tables(enum: EnumDescriptor, members: Any) -> tuple[dict[Any, int], dict[int, Any]]:
    """Member -> number and number -> member. None is 0; a number we do not know reads as None."""
    prefix = next(v.name for v in enum.values if v.number == 0).removesuffix("UNSPECIFIED")
    known = {
        v.number: members(v.name.removeprefix(prefix).lower()) for v in enum.values if v.number
    }
    return {member: number for number, member in known.items()} | {None: 0}, known


def zoned(value: datetime) -> datetime:
    """protobuf would take a naive datetime for UTC, and shift it without a word."""
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return value


def moment(timestamp: Any) -> datetime:
    """In UTC, to the microsecond; raises ValueError outside the years that Python counts."""
    try:
        return EPOCH + timedelta(seconds=timestamp.seconds, microseconds=timestamp.nanos // 1000)
    except OverflowError:
        raise ValueError(
            f"{timestamp.seconds} s is no moment between the years 1 and 9999"
        ) from None


def bare(hint: Any) -> Any:
    """The type without Annotated and without None."""
    if get_origin(hint) is Annotated:
        return bare(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return bare(next(arg for arg in get_args(hint) if arg is not type(None)))
    return hint
