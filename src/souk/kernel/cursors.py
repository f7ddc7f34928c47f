"""Cursors: where a page of a list ended, as text that means nothing to whoever carries it."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from souk.kernel.refusals import FieldError, InvalidRequest
from souk.kernel.rules import Instant, Uuid

# What PostgreSQL and Python both can say, with room for zones.
YEARS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))


class Place(Struct, frozen=True, array_like=True):
    """The last row of a page that is ordered by time; the id breaks ties."""

    at: Instant
    id: Uuid


def write_cursor(place: Place) -> str:
    return urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_cursor(cursor: str) -> Place | None:
    """None for no cursor; raises InvalidRequest when it is none of ours."""
    if not cursor:
        return None
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        place = msgspec.json.decode(text, type=Place)
        if not YEARS[0] < place.at < YEARS[1]:
            raise ValueError
    except ValueError:  # which the errors of both decoders are
        raise InvalidRequest(FieldError("cursor", "is not one that a list gave")) from None
    return place
