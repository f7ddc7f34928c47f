"""The Python type and default of a field, from its shape and its rules."""

from __future__ import annotations

import keyword
import re
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from .contracts import map_entry
from .module import Module, literal, quoted

F = FieldDescriptor
SCALARS: dict[int, tuple[str, str]] = {  # proto type -> Python type, its zero
    F.TYPE_STRING: ("str", '""'), F.TYPE_BYTES: ("bytes", 'b""'), F.TYPE_BOOL: ("bool", "False"),
    F.TYPE_DOUBLE: ("float", "0.0"), F.TYPE_FLOAT: ("float", "0.0"),
    F.TYPE_INT32: ("Int32", "0"), F.TYPE_SINT32: ("Int32", "0"), F.TYPE_SFIXED32: ("Int32", "0"),
    F.TYPE_INT64: ("Int64", "0"), F.TYPE_SINT64: ("Int64", "0"), F.TYPE_SFIXED64: ("Int64", "0"),
    F.TYPE_UINT32: ("UInt32", "0"), F.TYPE_FIXED32: ("UInt32", "0"),
    F.TYPE_UINT64: ("UInt64", "0"), F.TYPE_FIXED64: ("UInt64", "0"),
}  # fmt: skip
RANGES = {
    "Int32": (-(2**31), 2**31 - 1),
    "UInt32": (0, 2**32 - 1),
    "Int64": (-(2**53) + 1, 2**53 - 1),
    "UInt64": (0, 2**53 - 1),
}
RANGE_TEXTS = {
    -(2**31): "-(2**31)",
    2**31 - 1: "2**31 - 1",
    0: "0",
    2**32 - 1: "2**32 - 1",
    -(2**53) + 1: "-(2**53) + 1",
    2**53 - 1: "2**53 - 1",
}
ALIASES = {  # rules that souk.kernel.rules has a name for: what is asked, whether zero passes
    ("uuid", False): "Uuid",
    ("uuid", True): "UuidOrEmpty",
    ("email", False): "Email",
    ("email", True): "EmailOrEmpty",
}


class FieldText:
    """One field of a class: `name: annotation default`."""

    def __init__(self, field: FieldDescriptor, module: Module) -> None:
        self.field, self.module = field, module
        self.rules = module.contracts.option(field, "rules")
        self.required = bool(self.rules and self.rules.required)
        self.about = " ".join(module.contracts.comment(field).split())
        # Presence makes a zero a value like any other; elements of a list are always given.
        self.zero_passes = not (self.required or field.has_presence or field.is_repeated)

    def line(self) -> str:
        """As a field of a Struct."""
        kind = self._collection() if self.field.is_repeated else self._single()
        default = self._default()
        name = python_name(self.field.name)
        if name != self.field.name:
            given = f", default={default}" if default else ""
            self.module.use("msgspec", "field as renamed")
            return f'{name}: {kind} = renamed(name="{self.field.name}"{given})'
        return f"{name}: {kind} = {default}" if default else f"{name}: {kind}"

    def plain_line(self) -> str:
        """As a field of a refusal: the bare type, without rules and defaults."""
        base = self._base()
        kind = "int" if base in RANGES else base
        optional = self.field.has_presence and not self.field.message_type
        return f"{self.field.name}: {kind}" + (" | None = None" if optional else "")

    def _base(self) -> str:
        field = self.field
        kind = field.message_type or field.enum_type
        return self.module.type_of(kind) if kind else SCALARS[field.type][0]

    def _default(self) -> str:
        if self.required:
            return ""
        if map_entry(self.field):
            return "{}"
        if self.field.is_repeated:
            return "()"
        if self.field.type in SCALARS and not self.field.has_presence:
            return SCALARS[self.field.type][1]
        return "None"

    def _single(self) -> str:
        kind = self._value(self.about)
        return f"{kind} | None" if self._default() == "None" else kind

    def _collection(self) -> str:
        """A tuple or a mapping; lengths are its own, all other rules those of its elements."""
        field, module = self.field, self.module
        if entry := map_entry(field):
            key, value = entry.fields
            module.use("collections.abc", "Mapping")
            pair = (FieldText(key, module)._plain(), FieldText(value, module)._plain())
            kind = f"Mapping[{pair[0]}, {pair[1]}]"
        else:
            kind = f"tuple[{self._value('')}, ...]"
        return self._annotated(kind, *self._lengths(zero_passes=not self.required), self.about)

    def _lengths(self, *, zero_passes: bool) -> tuple[dict[str, str], dict[str, Any]]:
        """Bounds of the length, and those that hold only for what is not empty."""
        rules, meta, extra = self.rules, {}, {}
        low = rules.min_len if rules else 0
        if self.required and not self.field.is_repeated:
            low = max(low, 1)
        if low and not zero_passes:
            meta["min_length"] = str(low)
        elif low > 1:  # "nothing or at least one" is no bound at all
            extra["given"] = {"min_length": low}
        if rules and rules.HasField("max_len"):
            meta["max_length"] = str(rules.max_len)
        return meta, extra

    def _plain(self) -> str:
        """The element of a map: its type alone."""
        return self._annotated(self._base_imported(), {}, {}, "")

    def _base_imported(self) -> str:
        base = self._base()
        return self.module.use("souk.kernel.contract", base) if base in RANGES else base

    def _value(self, about: str) -> str:
        """One value with its rules."""
        field, rules = self.field, self.rules
        if field.type in (F.TYPE_STRING, F.TYPE_BYTES):
            return self._text(about)
        if field.type in SCALARS and rules and any(rules.HasField(x) for x in COMPARE):
            return self._number(about)
        return self._annotated(self._base_imported(), {}, {}, about)

    def _text(self, about: str) -> str:
        rules, base = self.rules, SCALARS[self.field.type][0]
        if rules and (rules.uuid or rules.email):
            alias = ALIASES["uuid" if rules.uuid else "email", self.zero_passes]
            return self._annotated(self.module.use("souk.kernel.rules", alias), {}, {}, about)
        meta: dict[str, str] = {}
        extra: dict[str, Any] = {}
        if not self.field.is_repeated:
            meta, extra = self._lengths(zero_passes=self.zero_passes)
        if rules and rules.pattern:
            empty_too = self.zero_passes and not re.search(rules.pattern, "")
            meta["pattern"] = literal(f"^$|{rules.pattern}" if empty_too else rules.pattern)
        if rules and rules.multiline:
            extra["multiline"] = True
        return self._annotated(base, meta, extra, about)

    def _number(self, about: str) -> str:
        """Bounds of the rules merged with those of the type: msgspec refuses Meta upon Meta."""
        base = SCALARS[self.field.type][0]
        asked = {COMPARE[x]: getattr(self.rules, x) for x in COMPARE if self.rules.HasField(x)}
        given: dict[str, int] = {}
        if self.zero_passes:
            given = {name: bound for name, bound in asked.items() if not allows_zero(name, bound)}
            asked = {name: bound for name, bound in asked.items() if name not in given}
            asked |= {("ge" if name in ("gt", "ge") else "le"): 0 for name in given}
            # "0 or at least 1" is simply "at least 0".
            next_to_zero = (("ge", 1), ("gt", 0), ("le", -1), ("lt", 0))
            given = {
                name: bound for name, bound in given.items() if (name, bound) not in next_to_zero
            }
        meta = {name: f"{bound:_}" for name, bound in asked.items()}
        if base in RANGES:
            low, high = RANGES[base]
            meta |= {} if {"gt", "ge"} & asked.keys() else {"ge": RANGE_TEXTS[low]}
            meta |= {} if {"lt", "le"} & asked.keys() else {"le": RANGE_TEXTS[high]}
            base = "int"
        return self._annotated(base, meta, {"given": given} if given else {}, about)

    def _annotated(self, kind: str, meta: dict[str, str], extra: dict[str, Any], about: str) -> str:
        if extra:
            meta = meta | {"extra": repr(extra).replace("'", '"')}
        if about:
            meta = meta | {"description": quoted(about)}
        if not meta:
            return kind
        self.module.use("typing", "Annotated")
        self.module.use("msgspec", "Meta")
        said = ", ".join(f"{name}={meta[name]}" for name in ORDER if name in meta)
        return f"Annotated[{kind}, Meta({said})]"


ORDER = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern", "extra", "description")
COMPARE = {"gt": "gt", "gte": "ge", "lt": "lt", "lte": "le"}


def allows_zero(name: str, bound: int) -> bool:
    return {"gt": bound < 0, "ge": bound <= 0, "lt": bound > 0, "le": bound >= 0}[name]


def python_name(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name
