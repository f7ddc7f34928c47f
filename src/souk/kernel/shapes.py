"""What whole requests must look like: lists, maps and messages made of values."""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any

import msgspec
from msgspec import Struct, inspect

from souk.kernel.values import (
    ERRORS_MAX,
    Bytes,
    Choice,
    Flag,
    Moment,
    Number,
    Report,
    Shape,
    Text,
    many,
)

NAME_CHARACTERS_MAX = 80  # of a field that nobody knows, when it is told back


class Optional(Shape):
    """A value or None."""

    def __init__(self, inner: Shape) -> None:
        self._inner, self.needs_test = inner, inner.needs_test

    def is_sound(self, value: Any) -> bool:
        return value is None or self._inner.is_sound(value)

    def loosen(self, value: Any) -> Any:
        return self._inner.loosen(value)

    def explain(self, value: Any, path: str, report: Report) -> None:
        if value is not None:
            self._inner.explain(value, path, report)


class Several(Shape):
    """A list of values of one shape."""

    def __init__(self, kind: inspect.VarTupleType, extra: dict[str, Any]) -> None:
        self._inner = shape_of(kind.item_type)
        self._low, self._high = kind.min_length or 0, kind.max_length
        self._low_if_given = extra.get("given", {}).get("min_length", 0)
        self.needs_test = self._inner.needs_test or bool(self._low_if_given)

    def is_sound(self, value: tuple[Any, ...]) -> bool:
        if value and len(value) < self._low_if_given:
            return False
        return not self._inner.needs_test or all(map(self._inner.is_sound, value))

    def loosen(self, value: Any) -> Any:
        values = value if isinstance(value, list | tuple) else [value]
        return [self._inner.loosen(each) for each in values]

    def explain(self, value: Any, path: str, report: Report) -> None:
        if not isinstance(value, list | tuple):
            report.add(path, "must be a list")
            return
        explain_length(value, (self._low, self._low_if_given, self._high), path, report)
        for index, each in enumerate(value):
            self._inner.explain(each, f"{path}[{index}]", report)
            if len(report.errors) >= ERRORS_MAX:
                return


class Table(Shape):
    """Values of one shape under names that are text."""

    needs_test = True

    def __init__(self, kind: inspect.DictType, extra: dict[str, Any]) -> None:
        self._key, self._inner = shape_of(kind.key_type), shape_of(kind.value_type)
        self._low, self._high = kind.min_length or 0, kind.max_length
        self._low_if_given = extra.get("given", {}).get("min_length", 0)

    def is_sound(self, value: dict[str, Any]) -> bool:
        if value and len(value) < self._low_if_given:
            return False
        if not all(map(self._key.is_sound, value)):
            return False
        return not self._inner.needs_test or all(map(self._inner.is_sound, value.values()))

    def loosen(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: self._inner.loosen(each) for key, each in value.items()}

    def explain(self, value: Any, path: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add(path, "must be an object")
            return
        explain_length(value, (self._low, self._low_if_given, self._high), path, report)
        for key, each in value.items():
            where = f"{path}.{shown(key)}"
            self._key.explain(key, where, report)
            self._inner.explain(each, where, report)


class Record(Shape):
    """A message: fields by name. Its fields are looked at late, for it may hold itself."""

    needs_test = True

    def __init__(self, kind: type[Struct]) -> None:
        self.kind = kind
        self._is_strict = kind.__struct_config__.forbid_unknown_fields
        self._has_promise = hasattr(kind, "__post_init__")

    @cached_property
    def fields(self) -> dict[str, tuple[inspect.Field, Shape]]:
        """By the name that JSON has."""
        described = inspect.type_info(self.kind)
        assert isinstance(described, inspect.StructType)
        return {f.encode_name: (f, shape_of(f.type)) for f in described.fields}

    @cached_property
    def _tests(self) -> list[tuple[str, Any]]:
        shapes = self.fields.values()
        return [(field.name, shape.is_sound) for field, shape in shapes if shape.needs_test]

    def is_sound(self, value: Any) -> bool:
        for name, is_sound in self._tests:  # noqa: SIM110 - a generator costs twice as much
            if not is_sound(getattr(value, name)):
                return False
        return True

    def loosen(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        known = self.fields
        return {k: known[k][1].loosen(v) if k in known else v for k, v in value.items()}

    def explain(self, value: Any, path: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add(path, "must be an object")
            return
        before, prefix = len(report.errors), f"{path}." if path else ""
        for name, (field, shape) in self.fields.items():
            if name in value:
                self._explain_field(value[name], f"{prefix}{name}", (field, shape), report)
            elif field.required:
                report.add(f"{prefix}{name}", "is required")
        for name in value if self._is_strict else ():
            if name not in self.fields:
                report.add(f"{prefix}{shown(name)}", "is not a known field")
        if self._has_promise and len(report.errors) == before:
            self._explain_promise(value, prefix, report)

    def _explain_field(
        self, value: Any, path: str, known: tuple[inspect.Field, Shape], report: Report
    ) -> None:
        field, shape = known
        # An enum whose value is new to us arrives as None, and its choices say more.
        if value is None and field.required and not isinstance(shape, Choice | Optional):
            report.add(path, "is required")
        else:
            shape.explain(value, path, report)

    def _explain_promise(self, value: Any, prefix: str, report: Report) -> None:
        """What the struct itself asks when it is made, as "payment: give only one of …"."""
        try:
            msgspec.convert(value, self.kind)
        except msgspec.ValidationError as error:
            name, _, message = str(error).partition(" - at `")[0].partition(": ")
            report.add(f"{prefix}{name}" if message else prefix.rstrip("."), message or name)


@cache
def record_of(kind: type[Struct]) -> Record:
    return Record(kind)


def shape_of(kind: inspect.Type, extra: dict[str, Any] | None = None) -> Shape:
    """The shape of a type as msgspec describes it; raises TypeError for one no contract has."""
    extra = extra or {}
    match kind:
        case inspect.Metadata():
            return shape_of(kind.type, extra | (kind.extra or {}))
        case inspect.UnionType() if kind.includes_none and len(kind.types) == 2:
            inner = next(each for each in kind.types if not isinstance(each, inspect.NoneType))
            return Optional(shape_of(inner, extra))
        case inspect.StructType():
            return record_of(kind.cls)
        case inspect.VarTupleType():
            return Several(kind, extra)
        case inspect.DictType():
            return Table(kind, extra)
    return value_shape(kind, extra)


def value_shape(kind: inspect.Type, extra: dict[str, Any]) -> Shape:
    match kind:
        case inspect.StrType():
            return Text(kind, extra)
        case inspect.IntType() | inspect.FloatType():
            return Number(kind, extra)
        case inspect.BoolType():
            return Flag()
        case inspect.BytesType():
            return Bytes(kind)
        case inspect.DateTimeType():
            return Moment()
        case inspect.EnumType():
            return Choice(kind)
    raise TypeError(f"no contract has a field of the type {kind}")


def explain_length(
    value: Any, bounds: tuple[int, int, int | None], path: str, report: Report
) -> None:
    low, low_if_given, high = bounds
    if value:
        low = max(low, low_if_given)
    if len(value) < low:
        report.add(path, f"must have at least {many(low, 'item')}")
    elif high is not None and len(value) > high:
        report.add(path, f"must have at most {many(high, 'item')}")


def shown(name: Any) -> str:
    """A name of the caller's own making, fit to be told back."""
    return str(name)[:NAME_CHARACTERS_MAX]
