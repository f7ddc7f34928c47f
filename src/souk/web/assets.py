"""Styles, scripts and pictures of our own: read and compressed once, kept by browsers for good."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from pathlib import Path

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).with_name("static")
FOREVER = "public, max-age=31536000, immutable"
NEVER = "no-cache"
DIGEST_LENGTH = 12
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
BLANKS = re.compile(r"\s*\n\s*")
TEXTS = (".css", ".js", ".svg", ".webmanifest")


class Asset(Struct, frozen=True):
    kind: str
    body: bytes
    gzipped: bytes  # empty for what is compressed already


class Assets:
    """Every folder of static/css is one style sheet, its files joined by name.

    Addresses hold a digest of all files, so that modules may import one another by name.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        found = {path.name: path.read_bytes() for path in sorted(folder.glob("js/*.js"))}
        found |= {path.name: path.read_bytes() for path in sorted(folder.glob("images/*"))}
        for sheet in sorted(folder.glob("css/*/")):
            parts = [path.read_text() for path in sorted(sheet.glob("*.css"))]
            found[f"{sheet.name}.css"] = squeezed("\n".join(parts)).encode()
        hashed = hashlib.sha256(b"\0".join(found[name] for name in sorted(found)))
        self.digest = hashed.hexdigest()[:DIGEST_LENGTH]
        self._assets = {name: asset(name, body) for name, body in found.items()}

    def url(self, name: str) -> str:
        """Raises KeyError for what is not there."""
        return f"/assets/{self.digest}/{self._assets[name] and name}"

    def weigh(self, name: str) -> int:
        """Bytes on the wire."""
        found = self._assets[name]
        return len(found.gzipped or found.body)

    def answer(self, request: Request, name: str, *, cache: str = FOREVER) -> Response | None:
        found = self._assets.get(name)
        if found is None:
            return None
        headers = {"cache-control": cache, "x-content-type-options": "nosniff"}
        body = found.body
        if found.gzipped:
            headers["vary"] = "accept-encoding"
            if "gzip" in request.headers.get("accept-encoding", ""):
                body, headers["content-encoding"] = found.gzipped, "gzip"
        return Response(body, media_type=found.kind, headers=headers)


def asset(name: str, body: bytes) -> Asset:
    kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0]
    gzipped = gzip.compress(body, 9, mtime=0) if name.endswith(TEXTS) else b""
    return Asset(kind or "application/octet-stream", body, gzipped)


def squeezed(sheet: str) -> str:
    """Without comments and indentation."""
    return BLANKS.sub("\n", COMMENT.sub("", sheet)).strip()
