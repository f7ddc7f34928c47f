"""What several contracts share.

Generated from souk/common/v1/common.proto; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from souk.kernel.contract import Int32


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
