"""What contracts ask of single values beyond their type: ids, e-mail addresses, moments.

A value that is not required counts as not given at its zero ("" or 0), in JSON as in gRPC, so
the types of such fields let the zero pass. What msgspec cannot say is carried in `Meta.extra`
and held by `souk.kernel.validation`:

    email      an e-mail address
    multiline  the text may hold line breaks and tabs
    given      bounds that hold once the value is not zero, e.g. {"min_length": 8}
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta

UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

Uuid = Annotated[str, Meta(pattern=UUID, extra_json_schema={"format": "uuid"})]
UuidOrEmpty = Annotated[str, Meta(pattern=f"^$|{UUID}")]
# RFC 5321 ends at 254 characters.
Email = Annotated[
    str,
    Meta(
        min_length=1, max_length=254, extra={"email": True}, extra_json_schema={"format": "email"}
    ),
]
EmailOrEmpty = Annotated[str, Meta(max_length=254, extra={"email": True})]
# A moment without its zone is not one.
Instant = Annotated[datetime, Meta(tz=True)]
