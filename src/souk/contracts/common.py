"""What several contracts share.

Generated from souk/common/v1/common.proto, souk/common/v1/personal_data.proto; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from souk.kernel.contract import Int32
from souk.kernel.rules import Instant, Uuid


class Address(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where something is sent or somebody lives."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    street_1: Annotated[str, Meta(min_length=1, max_length=200)]
    street_2: Annotated[str, Meta(max_length=200)] = ""
    city: Annotated[str, Meta(min_length=1, max_length=120)]
    state: Annotated[str, Meta(max_length=120)] = ""
    postal_code: Annotated[str, Meta(max_length=20)] = ""
    country: Annotated[
        str, Meta(min_length=1, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")
    ]
    phone: Annotated[str, Meta(max_length=40, pattern="^[0-9+(). -]*$")] = ""


class GeoPoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A point on the WGS 84 ellipsoid, in degrees."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class Page(Struct, frozen=True, kw_only=True):
    """What every list may be asked: by number, or on from a cursor."""

    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    cursor: Annotated[str, Meta(max_length=500)] = ""


class Problem(Struct, frozen=True, kw_only=True):
    """A refusal, as RFC 9457 writes it."""

    type: str = ""
    title: str = ""
    status: Int32 = 0
    code: str = ""
    detail: str = ""
    trace_id: str = ""
    fields: Mapping[str, str] = {}
    errors: tuple[FieldProblem, ...] = ()


class FieldProblem(Struct, frozen=True, kw_only=True):
    """One wrong field of a request."""

    field: str = ""
    message: str = ""


class ExportPersonRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asks for everything a service holds of somebody, page by page."""

    person_id: Uuid
    cursor: Annotated[str, Meta(max_length=100)] = ""


class PersonalRecord(Struct, frozen=True, kw_only=True):
    """One row, as JSON, or one file of theirs."""

    part: Annotated[str, Meta(description='Which part of what the service holds: "addresses".')] = (
        ""
    )
    json: str = ""
    file_name: str = ""
    content: bytes = b""


class PersonalData(Struct, frozen=True, kw_only=True):
    records: tuple[PersonalRecord, ...] = ()
    next_cursor: Annotated[str, Meta(description="Empty on the last page.")] = ""


class ErasePersonRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person_id: Uuid
    is_rehearsal: Annotated[
        bool, Meta(description="Only looks whether anything stands in the way.")
    ] = False
    is_replay: Annotated[
        bool,
        Meta(
            description=(
                "They were erased before a backup brought them back: what was under way "
                "in it has ended since."
            )
        ),
    ] = False


class ErasedPart(Struct, frozen=True, kw_only=True):
    """What became of one part of what a service held."""

    part: str = ""
    erased: Int32 = 0
    kept: Annotated[
        Int32, Meta(description="Rows that stay, under an id that no longer leads to anybody.")
    ] = 0
    duty: Annotated[str, Meta(description='Why they stay: "bookkeeping", "security".')] = ""
    kept_until: Instant | None = None


class Obstacle(Struct, frozen=True, kw_only=True):
    """Something under way that needs the person: nothing is erased before it has ended."""

    what: Annotated[str, Meta(description='"2 orders are on their way"')] = ""
    advice: Annotated[str, Meta(description="What to do about it.")] = ""


class ErasureReceipt(Struct, frozen=True, kw_only=True):
    parts: tuple[ErasedPart, ...] = ()
    obstacles: Annotated[
        tuple[Obstacle, ...], Meta(description="While there are any, nothing was erased.")
    ] = ()
