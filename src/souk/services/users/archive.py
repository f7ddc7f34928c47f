"""Everything of a person in one file that they can open without us."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from souk.contracts.common import PersonalRecord
from souk.kernel.contract import File

README = """What this marketplace knows of you, as of {at}.

Each folder is one part of the marketplace; each JSON file in it is a list of what that part keeps
of you, as it keeps it. Pictures you have uploaded are listed with their address. Amounts are in
minor units of their currency (1999 USD is $19.99), times are UTC.

Passwords, keys and recovery codes are kept as hashes only, and so are not in here. Nor is what was
sent to you by mail: it is written when it is sent, and not kept.

{parts}
"""
Found = Mapping[str, Sequence[PersonalRecord]]  # by service


def archive_of(found: Found, *, at: datetime) -> bytes:
    """A zip: `README.txt`, `<service>/<part>.json`, `<service>/<picture>`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        lines = []
        for service, records in sorted(found.items()):
            for part, rows in _parts(records).items():
                name = f"{service}/{part}.json"
                archive.writestr(name, msgspec.json.format(msgspec.json.encode(rows)))
                lines.append(f"{name}: {len(rows)}")
            for record in records:
                if record.file_name:
                    archive.writestr(f"{service}/{record.file_name}", record.content)
        told = README.format(at=f"{at:%Y-%m-%d %H:%M} UTC", parts="\n".join(lines))
        archive.writestr("README.txt", told)
    return file.getvalue()


def archive_file(content: bytes, *, at: datetime) -> File:
    """As it is handed over."""
    return File(content=content, content_type="application/zip", name=f"souk-{at:%Y-%m-%d}.zip")


def _parts(records: Sequence[PersonalRecord]) -> dict[str, list[msgspec.Raw]]:
    parts: dict[str, list[msgspec.Raw]] = {}
    for record in records:
        if record.json:
            parts.setdefault(record.part, []).append(msgspec.Raw(record.json.encode()))
    return parts
