"""Refusals as the journal keeps them: whoever asks after a crash is refused in the same words."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from souk.kernel.refusals import FieldError, InvalidRequest, Kind, Refusal


def refusal_row(refusal: Refusal | None) -> str | None:
    """A refusal as the journal keeps it."""
    if refusal is None:
        return None
    errors: Sequence[FieldError] = getattr(refusal, "errors", ())
    kept = {
        "name": refusal.name,
        "kind": refusal.KIND.name,
        "fields": refusal.fields,
        "errors": errors,
    }
    return msgspec.json.encode(kept).decode()


def refusal_of(text: str | None) -> Refusal | None:
    """The refusal as it was raised, fields included."""
    if text is None:
        return None
    kept = msgspec.json.decode(text)
    if kept["name"] == InvalidRequest.__name__:
        return InvalidRequest(*msgspec.convert(kept["errors"], list[FieldError]))
    return Refusal.rebuild(kept["name"], kept["fields"], Kind[kept["kind"]].code)
