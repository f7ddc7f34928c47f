"""Requests from outside, made sound: every wrong field is named, in words for people.

At the HTTP edge `read_json`, `read_values` and `read_parts` turn what was sent into a request
or raise: InvalidRequest (422) with all that is wrong, MalformedRequest (400) for a body that is
not even JSON. At the gRPC edge the wire has built the struct already, and `check` holds it to
its rules. A value that is not required counts as not given at its zero, at both edges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, NoReturn, TypeVar

import msgspec
from msgspec import Struct

from souk.kernel.refusals import FieldError, InvalidRequest, MalformedRequest
from souk.kernel.shapes import record_of, shown
from souk.kernel.values import Report

S = TypeVar("S", bound=Struct)

KEPT = (bytes, datetime)  # stand for themselves among plain values
TOO_DEEP = "The body is nested too deeply."
_pack = msgspec.msgpack.Encoder().encode
_read_plain = msgspec.json.Decoder().decode


def check(struct: Struct) -> list[FieldError]:
    """What is wrong with a struct that was built without validation; empty when it is sound."""
    kind = type(struct)
    try:
        # msgspec validates where it decodes: there and back is its only way to look at a struct.
        unpacker(kind)(_pack(struct))
        if record_of(kind).is_sound(struct):
            return []
        reason = "is not valid"
    except (msgspec.ValidationError, UnicodeEncodeError, OverflowError) as error:
        reason = str(error)
    plain = msgspec.to_builtins(struct, builtin_types=KEPT)
    return explain(kind, plain) or [FieldError("", reason)]


def explain(kind: type[Struct], builtins: Any) -> list[FieldError]:
    """Every wrong field of plain values: dicts, lists, text and numbers as JSON decodes to.

    Bytes and datetimes may stand for themselves. The first hundred are told.
    """
    report = Report()
    record_of(kind).explain(builtins, "", report)
    return report.errors


def read_json(kind: type[S], data: bytes) -> S:
    """A request from a JSON body."""
    try:
        found = decoder(kind)(data)
    except msgspec.ValidationError:
        # The slow way finds every mistake, and none where a name's first value was wrong and
        # its last, the one that counts, is not.
        return built(kind, plain_json(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from None
    if not record_of(kind).is_sound(found):
        refuse(kind, plain_json(data), "is not valid")
    result: S = found
    return result


def read_values(kind: type[S], values: Mapping[str, Any]) -> S:
    """A request from path, query, headers and forms: text that stands for numbers is read as such.

    Values may be text, bytes (of an upload), lists of these, or dicts for messages and maps.
    """
    return built(kind, record_of(kind).loosen(dict(values)))


def read_parts(kind: type[S], body: bytes | None, values: Mapping[str, Any]) -> S:
    """A request whose fields come from a JSON body and, those of `values`, from elsewhere.

    What the path or a header says cannot be said again in the body.
    """
    found = plain_json(body) if body else {}
    if not isinstance(found, dict):
        raise InvalidRequest(FieldError("", "must be an object"))
    given = record_of(kind).loosen(dict(values))
    if twice := found.keys() & given.keys():
        said = [FieldError(name, "is given by the address or a header") for name in sorted(twice)]
        rest = explain(kind, found | given)
        raise InvalidRequest(*said, *(error for error in rest if error.field not in twice))
    return built(kind, found | given)


def built(kind: type[S], plain: Any) -> S:
    try:
        found = msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        refuse(kind, plain, str(error))
    except RecursionError as error:
        raise malformed(error) from None
    if not record_of(kind).is_sound(found):
        refuse(kind, plain, "is not valid")
    return found


def refuse(kind: type[Struct], plain: Any, reason: str) -> NoReturn:
    """Raises InvalidRequest; `reason` is told should no field be found to blame."""
    try:
        errors = explain(kind, plain)
    except RecursionError as error:
        raise malformed(error) from None
    raise InvalidRequest(*(errors or [FieldError("", shown(reason))]))


def plain_json(data: bytes) -> Any:
    """The body as plain values; raises MalformedRequest."""
    try:
        return _read_plain(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from None


def malformed(error: Exception) -> MalformedRequest:
    if isinstance(error, RecursionError):
        return MalformedRequest(reason=TOO_DEEP)
    if isinstance(error, UnicodeDecodeError):
        return MalformedRequest(reason="The body is not UTF-8.")
    if isinstance(error, msgspec.ValidationError):  # where any type would do, only numbers fail
        return MalformedRequest(reason="The body holds a number that is out of range.")
    said = str(error).removeprefix("JSON is malformed: ").rstrip(".")
    return MalformedRequest(reason=f"The body is not JSON: {said}.")


@cache
def decoder(kind: type[Struct]) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(kind).decode


@cache
def unpacker(kind: type[Struct]) -> Callable[[bytes], Any]:
    return msgspec.msgpack.Decoder(kind).decode
