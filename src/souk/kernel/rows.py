"""Rows of the database made into contract structs, by the names of their columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, TypeVar, Union, get_args, get_origin

import msgspec
from asyncpg import Record
from msgspec.structs import FieldInfo

from souk.kernel.money import Money

T = TypeVar("T")
AS_IT_COMES = (str, int, float, bool, bytes, Decimal, datetime, date, time, timedelta, object)
SEALED, KEYS = "sealed", ("_key", "key")
Open = Callable[[bytes | None, bytes | None], bytes]  # sealed, key -> JSON
Build = Callable[[Sequence[Record], Open | None], list[Any]]
_builders: dict[tuple[type, tuple[str, ...]], Build] = {}


def structs_from(kind: type[T], records: Sequence[Record], unseal: Open | None = None) -> list[T]:
    """One `kind` (a msgspec Struct) a row.

    Columns go to the fields of their names. Money in field `price` is read from `price_amount`
    and `price_currency` (or the row's one `currency`); enums from text; arrays into tuples;
    anything structured from jsonb. A null is None where the field allows it, else the field's
    default. A column that starts with `_` is for the query alone.

    Where there is a column `sealed`, the fields without a column come out of it, opened by `unseal`
    with the key in column `_key` or `key`; they have defaults, which is what they are of whoever
    was erased.

    Raises TypeError where columns and fields do not fit, or a required field gets a null, and
    ValueError for text that is no value of the enum.
    """
    if not records:
        return []
    columns = tuple(records[0].keys())
    build = _builders.get((kind, columns))
    if build is None:
        build = _builders[kind, columns] = _compile(kind, columns)
    return build(records, unseal)


class _Names:
    """What the compiled code refers to."""

    def __init__(self, kind: type) -> None:
        self.values: dict[str, Any] = {"kind": kind, "Money": Money, "null": _refuse_null(kind)}

    def add(self, value: Any) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return name


class _Shape(NamedTuple):
    type: Any
    may_be_null: bool


def _compile(kind: type[T], columns: tuple[str, ...]) -> Build:
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        raise TypeError(f"{kind!r} is no Struct")
    duplicates = {name for name in columns if columns.count(name) > 1}
    if duplicates:
        raise TypeError(f"{kind.__name__}: two columns are named {', '.join(sorted(duplicates))}")
    places = {name: f"c{index}" for index, name in enumerate(columns)}
    names, used = _Names(kind), set[str]()
    given, left = [], []
    for field in msgspec.structs.fields(kind):
        if expression := _expression(kind, field, places, used, names):
            given.append(f"{field.name}={expression}")
        else:
            left.append(field)
    opened = ""
    if SEALED in places and SEALED not in used:
        used.add(SEALED)
        key = next(places[name] for name in KEYS if name in places)
        read = names.add(msgspec.json.Decoder(_inside(kind, left)).decode)
        opened = f" for inside in ({read}(unseal({places[SEALED]}, {key})),)"
        given += [f"{field.name}=inside.{field.name}" for field in left]
    strangers = [name for name in columns if name not in used and not name.startswith("_")]
    if strangers:
        raise TypeError(f"{kind.__name__} has no field for column {', '.join(strangers)}")
    row = "".join(f"{place}, " for place in places.values())
    source = f"lambda records, unseal: [kind({', '.join(given)}) for {row}in records{opened}]"
    # Compiled once for each kind and columns: a row costs what its constructor costs.
    built: Build = eval(source, names.values)  # noqa: S307 - ours
    return built


def _inside(kind: type, fields: Sequence[FieldInfo]) -> type[Any]:
    """The sealed part of a `kind`."""
    parts = []
    for field in fields:
        if field.default is not msgspec.NODEFAULT:
            parts.append((field.name, field.type, field.default))
        else:
            default = msgspec.field(default_factory=field.default_factory)
            parts.append((field.name, field.type, default))
    return msgspec.defstruct(f"Sealed{kind.__name__}", parts, kw_only=True)


def _expression(
    kind: type, field: FieldInfo, places: dict[str, str], used: set[str], names: _Names
) -> str:
    """The code that makes one field; empty where it is left to its default."""
    shape = _shape(field.type)
    column, currency = field.name, ""
    if shape.type is Money and f"{field.name}_amount" in places:
        column = f"{field.name}_amount"
        currency = f"{field.name}_currency"
        if currency not in places:
            currency = "currency"
        if currency not in places:
            raise TypeError(f"{kind.__name__}.{field.name} has no currency column")
    if column not in places:
        if field.required:
            raise TypeError(f"{kind.__name__}.{field.name} is required and has no column")
        return ""
    used |= {column, currency}
    value = places[column]
    made = f"Money({value}, {places[currency]})" if currency else _made(value, shape.type, names)
    otherwise = _when_null(field, shape, names)
    if made == value and otherwise == "None":
        return value
    return f"{made} if {value} is not None else {otherwise}"


def _when_null(field: FieldInfo, shape: _Shape, names: _Names) -> str:
    if shape.may_be_null:
        return "None"
    if field.default is not msgspec.NODEFAULT:
        return names.add(field.default)
    if field.default_factory is not msgspec.NODEFAULT:
        return f"{names.add(field.default_factory)}()"
    return f"null({field.name!r})"


def _made(value: str, kind: Any, names: _Names) -> str:
    """The code that turns a value from the driver into what the field holds."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"{names.add(_Members(kind))}[{value}]"
    if kind is Any or kind in AS_IT_COMES:
        return value
    origin = get_origin(kind)
    if origin in (Union, UnionType) and all(part in AS_IT_COMES for part in get_args(kind)):
        return value
    if (origin or kind) in (tuple, list, frozenset, set):
        return f"{names.add(_sequence(kind, origin or kind, names))}({value})"
    return f"{names.add(msgspec.json.Decoder(kind).decode)}({value})"


def _sequence(kind: Any, collect: Any, names: _Names) -> Callable[[Any], Any]:
    """Reads an array of the database, or JSON where the column is jsonb."""
    decode = msgspec.json.Decoder(kind).decode
    of = [_shape(part).type for part in get_args(kind) if part is not Ellipsis]
    if len(of) == 1 and isinstance(of[0], type) and issubclass(of[0], Enum):
        member = _Members(of[0]).__getitem__
        return lambda value: decode(value) if type(value) is str else collect(map(member, value))
    return lambda value: decode(value) if type(value) is str else collect(value)


class _Members(dict[Any, Enum]):
    """The members of an enum by value; a lookup costs a quarter of calling the enum."""

    def __init__(self, kind: type[Enum]) -> None:
        super().__init__({member.value: member for member in kind})
        self.kind = kind

    def __missing__(self, value: Any) -> Enum:
        raise ValueError(f"{value!r} is no {self.kind.__name__}")


def _shape(kind: Any) -> _Shape:
    """Without its constraints, and whether it may be None."""
    if get_origin(kind) is Annotated:
        return _shape(get_args(kind)[0])
    if get_origin(kind) not in (Union, UnionType) or NoneType not in get_args(kind):
        return _Shape(kind, may_be_null=False)
    parts = [_shape(part).type for part in get_args(kind) if part is not NoneType]
    return _Shape(parts[0] if len(parts) == 1 else Union[tuple(parts)], may_be_null=True)  # noqa: UP007


def _refuse_null(kind: type) -> Callable[[str], Any]:
    def null(field: str) -> Any:
        raise TypeError(f"{kind.__name__}.{field} is required and the row has null")

    return null
