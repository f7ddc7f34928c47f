"""The Python type and default of a field, from its shape and its rules."""

from __future__ import annotations

import keyword
import re
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from .contracts import is_map
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
            self.module.use("msgspec", "field")
            return f'{name}: {kind} = field(name="{self.field.name}"{given})'
        return f"{name}: {kind} = {default}" if default else f"{name}: {kind}"

    def plain_line(self) -> str:
        """As a field of a refusal: the bare type, without rules and defaults."""
        base = self._base()
        kind = {"Int32": "int", "Int64": "int", "UInt32": "int", "UInt64": "int"}.get(base, base)
        if self.field.type not in SCALARS:
            self.module.type_of(self.field.message_type or self.field.enum_type)
        optional = self.field.has_presence and not self.field.message_type
        return f"{self.field.name}: {kind} | None = None" if optional else f"{self.field.name}: {kind}"

    def _base(self) -> str:
        field = self.field
        if field.type in SCALARS:
            return SCALARS[field.type][0]
        return self.module.type_of(field.message_type or field.enum_type)

    def _default(self) -> str:
        if self.required:
            return ""
        if is_map(self.field):
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
        if is_map(field):
            key, value = field.message_type.fields
            module.use("collections.abc", "Mapping")
            pair = (FieldText(key, module)._plain(), FieldText(value, module)._plain())
            kind = f"Mapping[{pair[0]}, {pair[1]}]"
        else:
            kind = f"tuple[{self._value('')}, ...]"
        meta, given = {}, {}
        if self.rules and self.rules.HasField("max_len"):
            meta["max_length"] = str(self.rules.max_len)
        if self.rules and self.rules.HasField("min_len") and self.rules.min_len:
            if self.required:
                meta["min_length"] = str(self.rules.min_len)
            elif self.rules.min_len > 1:
                given["min_length"] = self.rules.min_len
        return self._annotated(kind, meta, {"given": given} if given else {}, self.about)

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
        rules, meta, given, extra = self.rules, {}, {}, {}
        base = SCALARS[self.field.type][0]
        low = high = 0
        if rules and not self.field.is_repeated:
            low, high = rules.min_len, rules.max_len
        if self.required and not self.field.is_repeated:
            low = max(low, 1)
        for name in ("uuid", "email"):
            if rules and getattr(rules, name) and not high and not rules.pattern and low <= 1:
                alias = ALIASES[name, self.zero_passes]
                return self._annotated(self.module.use("souk.kernel.rules", alias), {}, {}, about)
        if low and self.zero_passes:
            given |= {"min_length": low} if low > 1 else {}
        elif low:
            meta["min_length"] = str(low)
        if high or (rules and rules.HasField("max_len") and not self.field.is_repeated):
            meta["max_length"] = str(high)
        if rules and rules.pattern:
            empty_too = self.zero_passes and not re.search(rules.pattern, "")
            meta["pattern"] = literal(f"^$|{rules.pattern}" if empty_too else rules.pattern)
        extra |= {name: True for name in ("email", "multiline") if rules and getattr(rules, name)}
        return self._annotated(base, meta, extra | ({"given": given} if given else {}), about)

    def _number(self, about: str) -> str:
        """Bounds of the rules merged with those of the type: msgspec refuses Meta upon Meta."""
        base = SCALARS[self.field.type][0]
        asked = {COMPARE[x]: getattr(self.rules, x) for x in COMPARE if self.rules.HasField(x)}
        given: dict[str, int] = {}
        if self.zero_passes:
            given = {name: bound for name, bound in asked.items() if not allows_zero(name, bound)}
            asked |= {("ge" if name in ("gt", "ge") else "le"): 0 for name in given}
            asked = {n: b for n, b in asked.items() if n not in given or n in ("ge", "le") and b == 0}
            # "0 or at least 1" is simply "at least 0".
            given = {n: b for n, b in given.items() if (n, b) not in (("ge", 1), ("gt", 0), ("le", -1), ("lt", 0))}
        meta = {name: str(bound) for name, bound in asked.items()}
        if base in RANGES:
            low, high = RANGES[base]
            meta |= {} if {"gt", "ge"} & asked.keys() else {"ge": range_text(low)}
            meta |= {} if {"lt", "le"} & asked.keys() else {"le": range_text(high)}
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
        return f"Annotated[{kind}, Meta({', '.join(f'{k}={v}' for k, v in meta.items())})]"


COMPARE = {"gt": "gt", "gte": "ge", "lt": "lt", "lte": "le"}


def allows_zero(name: str, bound: int) -> bool:
    return {"gt": bound < 0, "ge": bound <= 0, "lt": bound > 0, "le": bound >= 0}[name]


def range_text(bound: int) -> str:
    return {low_high: text for low_high, text in RANGE_TEXTS}[bound]


RANGE_TEXTS = (
    (-(2**31), "-(2**31)"),
    (2**31 - 1, "2**31 - 1"),
    (0, "0"),
    (2**32 - 1, "2**32 - 1"),
    (-(2**53) + 1, "-(2**53) + 1"),
    (2**53 - 1, "2**53 - 1"),
)


def python_name(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name
