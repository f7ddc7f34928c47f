"""Contract values made up by hypothesis from the types of the generated structs."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import Struct, inspect

from souk import contracts
from souk.kernel.contract import Event, Method
from souk.kernel.rules import UUID
from tests.architecture import scratch

DEPTH_MAX = 4
ZONES = (UTC, timezone(timedelta(hours=7)), timezone(timedelta(hours=-3, minutes=-30)))
PRINTABLE = st.characters(exclude_categories=("Cs", "Cc"))
ANY_TEXT = st.characters(exclude_categories=("Cs",))
EMAILS = st.sampled_from(["ann@example.com", "b.o+b@mail.example.org", "ünï@exämple.com"])


def services() -> list[Any]:
    found = []
    for place in contracts.SERVICES.values():
        module, _, name = place.partition(":")
        found.append(getattr(importlib.import_module(module), name))
    return [*found, scratch.bazaar().BazaarService]


def methods() -> list[Method]:
    return [method for service in services() for method in service.METHODS]


def requests() -> list[type[Struct]]:
    return sorted({method.request for method in methods()}, key=lambda kind: kind.__qualname__)


def events() -> list[type[Event]]:
    modules = {importlib.import_module(service.__module__) for service in services()[:-1]}
    modules.add(scratch.bazaar())
    return [
        thing
        for module in sorted(modules, key=lambda module: module.__name__)
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Event) and thing is not Event
    ]


def sound(kind: type[Struct]) -> st.SearchStrategy[Any]:
    """Structs that keep all their rules."""
    return Maker(is_sound=True).struct(kind, 0)


def representable(kind: type[Struct]) -> st.SearchStrategy[Any]:
    """Structs with values that fit their types; their rules are kept only by chance."""
    return Maker(is_sound=False).struct(kind, 0)


class Maker:
    def __init__(self, *, is_sound: bool) -> None:
        self._is_sound = is_sound
        self._letters = PRINTABLE if is_sound else ANY_TEXT

    def struct(self, kind: type[Struct], depth: int) -> st.SearchStrategy[Any]:
        described = inspect.type_info(kind)
        assert isinstance(described, inspect.StructType)
        values = {f.name: self.value(f.type, {}, depth + 1) for f in described.fields}
        return st.fixed_dictionaries(values).map(lambda given: chosen(kind, given))

    def value(self, kind: inspect.Type, extra: dict[str, Any], depth: int) -> Any:
        match kind:
            case inspect.Metadata():
                return self.value(kind.type, extra | (kind.extra or {}), depth)
            case inspect.UnionType():
                inner = next(t for t in kind.types if not isinstance(t, inspect.NoneType))
                some = self.value(inner, extra, depth)
                return st.none() if depth > DEPTH_MAX else st.none() | some
            case inspect.StructType():
                return st.deferred(lambda: self.struct(kind.cls, depth))
            case inspect.VarTupleType():
                low, high = self.sizes(kind, extra, 3)
                high = low if depth > DEPTH_MAX else high
                inner = self.value(kind.item_type, {}, depth + 1)
                return st.lists(inner, min_size=low, max_size=high).map(tuple)
            case inspect.DictType():
                low, high = self.sizes(kind, extra, 3)
                high = low if depth > DEPTH_MAX else high
                key = st.text(self._letters, max_size=5)
                inner = self.value(kind.value_type, {}, depth + 1)
                return st.dictionaries(key, inner, min_size=low, max_size=high)
        return self.scalar(kind, extra)

    def scalar(self, kind: inspect.Type, extra: dict[str, Any]) -> Any:
        match kind:
            case inspect.StrType():
                return self.text(kind, extra)
            case inspect.IntType():
                return self.whole(kind, extra)
            case inspect.FloatType():
                low, high = kind.ge, kind.le
                return st.floats(low if self._is_sound else None, high if self._is_sound else None,
                                 allow_nan=False, allow_infinity=False).filter(
                    lambda x: not self._is_sound or kind.gt is None or x > kind.gt)  # fmt: skip
            case inspect.BoolType():
                return st.booleans()
            case inspect.BytesType():
                low, high = self.sizes(kind, extra, 12)
                return st.binary(min_size=low, max_size=high)
            case inspect.DateTimeType():
                first, last = datetime(3, 1, 1), datetime(9997, 1, 1)  # noqa: DTZ001 - zoned below
                return st.datetimes(first, last, timezones=st.sampled_from(ZONES))
            case inspect.EnumType():
                return st.sampled_from(list(kind.cls))
        raise TypeError(kind)

    def sizes(self, kind: Any, extra: dict[str, Any], most: int) -> tuple[int, int]:
        low, high = kind.min_length or 0, kind.max_length
        if not self._is_sound:
            return 0, most
        low = max(low, extra.get("given", {}).get("min_length", 0))
        return low, max(low, most if high is None else min(high, most))

    def text(self, kind: inspect.StrType, extra: dict[str, Any]) -> Any:
        if not self._is_sound:
            return st.text(self._letters, max_size=12)
        low, high = self.sizes(kind, extra, 12)
        if kind.pattern and kind.pattern.endswith(UUID):
            made = st.uuids().map(str)
        elif extra.get("email"):
            made = EMAILS
        elif kind.pattern:
            made = st.from_regex(kind.pattern).filter(
                lambda x: low <= len(x) <= (kind.max_length or 1000) and x.isprintable()
            )
        else:
            made = st.text(self._letters, min_size=low, max_size=high)
        zero_passes = not kind.min_length and (not kind.pattern or kind.pattern.startswith("^$"))
        return st.just("") | made if zero_passes else made

    def whole(self, kind: inspect.IntType, extra: dict[str, Any]) -> Any:
        low, high = kind.ge, kind.le
        if kind.gt is not None:
            low = kind.gt + 1
        if kind.lt is not None:
            high = kind.lt - 1
        if not self._is_sound:  # the widest that both JSON and the wire can say for the field
            is_long = max(abs(low or 0), abs(high or 0)) > 2**32
            is_signed = low is None or low < 0
            return st.integers(
                -(2**62) if is_long and is_signed else 0, 2**62 if is_long else 2**31 - 1
            )
        given = extra.get("given", {})
        above = max(given.get("ge", low), given.get("gt", low - 1) + 1)
        return st.just(0) | st.integers(above, high) if given else st.integers(low, high)


def chosen(kind: type[Struct], given: dict[str, Any]) -> Any:
    """The struct; of a oneof the first member is kept."""
    while True:
        try:
            return kind(**given)
        except ValueError as error:
            _, *others = str(error).partition("only one of ")[2].split(", ")
            given = given | dict.fromkeys(others)


NUMBERS = (None, True, False, 0, 1, -1, 2**31, 2**53, 2**64, 2**70, 0.5, -0.5, 1e300)
TEXTS = ("", "a", " ", "0", "a\x00b", "a\nb", "x" * 600, "not-an-id", "YQ==", "a@b")
MOMENTS = ("2026-01-31T12:00:00", "2026-01-31T12:00:00Z", "0001-01-01T00:00:00+14:00")
NESTS = ([], {}, [None], [""], {"a": 1}, {"": None}, ["x"] * 7)
JUNK: st.SearchStrategy[Any] = st.sampled_from([*NUMBERS, *TEXTS, *MOMENTS, *NESTS])


def spoilt(plain: Any) -> st.SearchStrategy[Any]:
    """Plain values with junk somewhere, or with something missing or new."""
    places = list(places_of(plain, ()))
    place = st.sampled_from(places)
    return st.tuples(place, JUNK, st.sampled_from(["put", "drop", "add"])).map(
        lambda how: changed(plain, how[0], how[1], how[2])
    )


def places_of(plain: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(plain, dict):
        for key, value in plain.items():
            yield from places_of(value, (*path, key))
    elif isinstance(plain, list):
        for index, value in enumerate(plain[:3]):
            yield from places_of(value, (*path, index))


def changed(plain: Any, path: tuple[Any, ...], junk: Any, how: str) -> Any:
    if not path:
        return plain | {"unheard_of": junk} if how == "add" and isinstance(plain, dict) else junk
    head, *rest = path
    copied = dict(plain) if isinstance(plain, dict) else list(plain)
    if not rest and how == "drop":
        del copied[head]
    else:
        copied[head] = changed(plain[head], tuple(rest), junk, how)
    return copied


def plain_of(struct: Struct) -> Any:
    """As JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(struct))
