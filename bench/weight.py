"""What a page weighs on the wire: itself, and the styles and modules it makes a browser load."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import urljoin

import httpx

ASKED = {"accept-encoding": "gzip", "accept-language": "en"}
# In a page: what it links; in a module: what it imports, at once or later.
REFERENCES = {
    "HTML": re.compile(r'(?:rel="stylesheet" href|<script[^>]* src)="([^"]+)"'),
    "JS": re.compile(r'(?:from |import |import\()"([^"]+)"'),
}
KINDS = {"text/html": "HTML", "text/css": "CSS", "text/javascript": "JS"}


async def of_page(url: str) -> dict[str, int]:
    """Bytes of bodies by kind, compressed as a browser gets them."""
    sizes: Counter[str] = Counter()
    waiting, seen = [url], set()
    async with httpx.AsyncClient(headers=ASKED, timeout=30) as client:
        while waiting:
            seen.add(url := waiting.pop())
            answer = await client.get(url)
            if answer.is_error:  # a module that comes with another page only
                continue
            kind = KINDS[answer.headers["content-type"].partition(";")[0]]
            sizes[kind] += answer.num_bytes_downloaded
            if kind in REFERENCES:
                found = {urljoin(url, each) for each in REFERENCES[kind].findall(answer.text)}
                waiting += sorted(found - seen - set(waiting))
    return dict(sizes)
