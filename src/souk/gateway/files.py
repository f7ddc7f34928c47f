"""Files as answers: shown or saved, but never trusted to run anything of their own."""

from __future__ import annotations

import re
from urllib.parse import quote

from souk.gateway.exchange import Reply
from souk.gateway.headers import Header, digest
from souk.gateway.uploads import safe_name, safe_type
from souk.kernel.contract import File

HTML = "text/html"
LOCKED = b"default-src 'none'; style-src 'unsafe-inline'; sandbox"
# A service says of a page that it wrote it itself: `text/html; page=own`. A client cannot say so,
# since uploads are kept by their bare media type. Its scripts run, each named by its content.
OWN_PAGE = re.compile(r"text/html\s*;.*\bpage=own\b")
SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
OWN = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; script-src"
)


def file_reply(status: int, file: File) -> Reply:
    kind = safe_type(file.content_type.encode("latin-1", "ignore"))
    headers: list[Header] = [(b"content-disposition", disposition(file.name))]
    if OWN_PAGE.match(file.content_type.lower()):
        headers.append((b"content-security-policy", own_policy(file.content)))
    else:
        headers.append((b"content-security-policy", LOCKED))
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    reply = Reply(status, kind.encode(), file.content, headers)
    reply.is_file = True
    return reply


def disposition(name: str) -> bytes:
    """Saved under its name where it has one, else shown in place (RFC 6266)."""
    safe = safe_name(name)
    if not safe:
        return b"inline"
    plain = safe.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe)}".encode()


def own_policy(page: bytes) -> bytes:
    scripts = [digest(script) for script in SCRIPT.findall(page)] or ["'none'"]
    return " ".join([OWN, *scripts]).encode()
