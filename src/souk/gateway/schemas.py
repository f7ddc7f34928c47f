"""JSON Schemas of contract structs: as clients may send them, and as they will get them."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, inspect

from souk.gateway.requests import struct_fields
from souk.kernel.contract import File

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/"
# All but control characters; text that may have several lines may also hold tabs.
ONE_LINE = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
MANY_LINES = "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$"
BOUNDS = (
    ("gt", "exclusiveMinimum"),
    ("ge", "minimum"),
    ("lt", "exclusiveMaximum"),
    ("le", "maximum"),
)


class Schemas:
    """Named schemas, gathered while they are referred to.

    A request may leave out what has a default and may not add anything; an answer always has
    every field. So a struct that is both has two schemas, the sent one called `…Input`.
    """

    def __init__(self) -> None:
        self._sent: dict[type[Any], Schema] = {}
        self._got: dict[type[Any], Schema] = {}
        self._own: dict[str, Schema] = {}

    def sent(self, kind: type[Struct]) -> Schema:
        """A reference to what a client sends."""
        return self._named(kind, is_sent=True)

    def got(self, kind: type[Struct]) -> Schema:
        """A reference to what a client gets."""
        return self._named(kind, is_sent=False)

    def sent_without(self, kind: type[Struct], taken: frozenset[str], name: str) -> Schema:
        """What is left of a request for its body when path and headers take some fields."""
        fields = struct_fields(kind)
        if not taken & {field.encode_name for field in fields}:
            return self.sent(kind)
        rest = [field for field in fields if field.encode_name not in taken]
        return self.add(name, self._object(kind, rest, is_sent=True))

    def add(self, name: str, schema: Schema) -> Schema:
        """Gives a schema a name of its own; a second one of that name gets a number."""
        unique, count = name, 1
        while unique in self._own and self._own[unique] != schema:
            count += 1
            unique = f"{name}{count}"
        self._own[unique] = schema
        return {"$ref": REFERENCE + unique}

    def field(self, field: inspect.Field, *, is_sent: bool) -> Schema:
        schema = self._of(field.type, is_sent=is_sent)
        default = field.default
        # A zero is how contracts write "not given", so it says nothing worth documenting.
        if is_sent and isinstance(default, str | int | float | bool) and default:
            schema = {**schema, "default": default}
        return schema

    def components(self) -> dict[str, Schema]:
        """All of them by their final names, in order."""
        names = self._names()
        final = {
            names[id(schema)]: schema for schema in (*self._got.values(), *self._sent.values())
        }
        final |= self._own
        found: dict[str, Schema] = renamed(dict(sorted(final.items())), self._renames(names))
        return found

    def finish(self, document: Any) -> Any:
        """The document with its references pointing at the final names."""
        return renamed(document, self._renames(self._names()))

    def _names(self) -> dict[int, str]:
        names: dict[int, str] = {}
        taken = set(self._own)
        for kinds, ending in ((self._got, ""), (self._sent, "Input")):
            for kind, schema in kinds.items():
                name = kind.__name__
                if name in taken and ending:
                    name += ending
                if name in taken:
                    name = f"{kind.__module__.rpartition('.')[2]}.{name}"
                taken.add(name)
                names[id(schema)] = name
        return names

    def _renames(self, names: dict[int, str]) -> dict[str, str]:
        return {
            place(kind, is_sent=is_sent): REFERENCE + names[id(schema)]
            for is_sent, kinds in ((False, self._got), (True, self._sent))
            for kind, schema in kinds.items()
        }

    def _named(self, kind: type[Struct], *, is_sent: bool) -> Schema:
        known = self._sent if is_sent else self._got
        if kind not in known:
            schema: Schema = {}
            known[kind] = schema  # before its fields: a struct may hold its like
            schema |= self._object(kind, struct_fields(kind), is_sent=is_sent)
        return {"$ref": place(kind, is_sent=is_sent)}

    def _object(self, kind: type[Struct], fields: Any, *, is_sent: bool) -> Schema:
        properties = {field.encode_name: self.field(field, is_sent=is_sent) for field in fields}
        required = [field.encode_name for field in fields if field.required or not is_sent]
        schema: Schema = {"type": "object", "properties": properties}
        if kind.__doc__:
            schema["description"] = plain(kind.__doc__)
        if required:
            schema["required"] = required
        if is_sent and kind.__struct_config__.forbid_unknown_fields:
            schema["additionalProperties"] = False
        return schema

    def _of(self, kind: inspect.Type, *, is_sent: bool, extra: Any = None) -> Schema:
        match kind:
            case inspect.Metadata():
                inner = self._of(kind.type, is_sent=is_sent, extra=kind.extra or extra)
                return {**inner, **(kind.extra_json_schema or {})}
            case inspect.UnionType():
                return {"anyOf": [self._of(one, is_sent=is_sent) for one in kind.types]}
            case inspect.StructType():
                return self._named(kind.cls, is_sent=is_sent)
            case inspect.VarTupleType() | inspect.ListType():
                items = {"type": "array", "items": self._of(kind.item_type, is_sent=is_sent)}
                return given_items(items | lengths(kind, "Items"), extra, "minItems")
            case inspect.DictType():
                return self._map(kind, is_sent=is_sent)
            case inspect.StrType():
                return text(kind, extra or {}, is_sent=is_sent)
        return scalar(kind, extra or {})

    def _map(self, kind: inspect.DictType, *, is_sent: bool) -> Schema:
        values = self._of(kind.value_type, is_sent=is_sent)
        schema = {"type": "object", "additionalProperties": values} | lengths(kind, "Properties")
        if is_sent:
            schema["propertyNames"] = {"pattern": ONE_LINE}
        return schema


def scalar(kind: inspect.Type, extra: dict[str, Any]) -> Schema:
    match kind:
        case inspect.IntType() | inspect.FloatType():
            name = "integer" if isinstance(kind, inspect.IntType) else "number"
            bounds = {
                said: value for ours, said in BOUNDS if (value := getattr(kind, ours)) is not None
            }
            return with_given({"type": name} | bounds, extra, 0)
        case inspect.BoolType():
            return {"type": "boolean"}
        case inspect.BytesType():
            return {"type": "string", "contentEncoding": "base64"}
        case inspect.DateTimeType():
            return {"type": "string", "format": "date-time"}
        case inspect.EnumType():
            return {"type": "string", "enum": [member.value for member in kind.cls]}
        case inspect.NoneType():
            return {"type": "null"}
    raise TypeError(f"{kind} has no JSON Schema here")


def text(kind: inspect.StrType, extra: dict[str, Any], *, is_sent: bool) -> Schema:
    schema: Schema = {"type": "string"} | lengths(kind, "Length")
    if not is_sent:
        return schema  # its rules are for senders; what we answer passed them
    if kind.pattern is not None:
        schema["pattern"] = kind.pattern
    elif extra.get("email"):
        schema["format"] = "email"
        if not kind.min_length:
            return {"anyOf": [schema, {"const": ""}]}
    else:
        schema["pattern"] = MANY_LINES if extra.get("multiline") else ONE_LINE
    return with_given(schema, extra, "")


def with_given(schema: Schema, extra: dict[str, Any], zero: Any) -> Schema:
    """Bounds that hold once a value is given, beside the zero which says that it is not."""
    given = extra.get("given")
    if not given:
        return schema
    said = {"min_length": "minLength", "max_length": "maxLength", "pattern": "pattern"} | dict(
        BOUNDS
    )
    return {
        "anyOf": [schema | {said[name]: bound for name, bound in given.items()}, {"const": zero}]
    }


def given_items(schema: Schema, extra: Any, name: str) -> Schema:
    """A least number of items that holds once there is one."""
    least = (extra or {}).get("given", {}).get("min_length")
    return {"anyOf": [schema | {name: least}, {"maxItems": 0}]} if least else schema


def lengths(kind: Any, of: str) -> Schema:
    found = {"min" + of: kind.min_length or None, "max" + of: kind.max_length}
    return {name: length for name, length in found.items() if length is not None}


def place(kind: type[Any], *, is_sent: bool) -> str:
    return f"{'sent' if is_sent else 'got'}:{kind.__module__}.{kind.__qualname__}"


def renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: names.get(inner, inner) if key == "$ref" else renamed(inner, names)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [renamed(inner, names) for inner in value]
    return value


def plain(doc: str) -> str:
    return " ".join(doc.split())


def is_file(kind: type[Any]) -> bool:
    return kind is File
