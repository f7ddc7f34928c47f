"""What people write, as the catalog keeps it: cleaned in one way, wherever it comes from.

Cleaning twice changes nothing, so what was exported comes back as it was. What cannot be kept
raises ValueError, whose text tells why.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

import nh3

NAME_MAX, BRAND_MAX, HANDLE_MAX = 200, 120, 200
TAG_MAX, TAGS_MAX = 60, 50
OPTION_MAX, SKU_MAX, BARCODE_MAX = 100, 100, 50
ALT_MAX, ADDRESS_MAX = 500, 2000
DESCRIPTION_MAX = 50_000
CATEGORY_MAX, LEVELS_MAX = 300, 10
WORD_MAX = 60
# What a description may look like; nothing that runs, loads or links by script.
HTML = {
    "a", "b", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "h2", "h3", "h4", "hr",
    "i", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th",
    "thead", "tr", "u", "ul",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto"}
TURNS_MAX = 8
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
CONTROL_IN_HTML = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Pictures that lie here are known by their path, so they follow the host wherever it moves.
OWN_PICTURE = re.compile(
    r"/api/v1/media/(files/[0-9a-f]{32}-\d{2,4}\.webp"
    r"|drawings/[a-z]+(\.[a-z]+)*/[0-9a-f]{6}-[0-9a-f]{6}-[a-z]+\.svg)"
)
# A slug of these would hide another route.
RESERVED = frozenset(
    {"categories", "export", "import", "imports", "inventory", "low-stock", "new", "search"}
)


def line_from(text: str, *, most: int, least: int = 0) -> str:
    """One line, without blanks around it or more than one between words."""
    line = " ".join(text.split())
    if len(line) < least:
        raise ValueError("must not be empty")
    if len(line) > most:
        raise ValueError(f"must be at most {most} characters")
    if CONTROL.search(line):
        raise ValueError("must not contain control characters")
    return line


def html_from(text: str) -> str:
    """HTML without anything that runs."""
    before, cleaned = None, text
    # Mending broken HTML may take more than one turn: what lay wrong in a table moves out of it.
    for _ in range(TURNS_MAX):
        if before == cleaned:
            break
        before = cleaned
        cleaned = nh3.clean(
            CONTROL_IN_HTML.sub(" ", cleaned.replace("\r\n", "\n")),
            tags=HTML,
            url_schemes=SCHEMES,
            link_rel="nofollow noopener noreferrer",
        ).strip()
    if len(cleaned) > DESCRIPTION_MAX:
        raise ValueError(f"must be at most {DESCRIPTION_MAX} characters")
    return cleaned


def tags_from(texts: Iterable[str]) -> tuple[str, ...]:
    """Lower case, each once; a comma parts two tags, as it does in a sheet."""
    parts = (part for text in texts for part in text.lower().split(","))
    lines = (line_from(part, most=TAG_MAX) for part in parts)
    tags = tuple(dict.fromkeys(line for line in lines if line))
    if len(tags) > TAGS_MAX:
        raise ValueError(f"must be at most {TAGS_MAX} tags")
    return tags


def category_from(text: str) -> str:
    """`Home > Garden` and `home/garden` are the path `home/garden`."""
    slugs = [slug for part in re.split(r"[>/]", text) if (slug := slugged(part))]
    path = "/".join(slugs)
    if len(slugs) > LEVELS_MAX:
        raise ValueError(f"must be at most {LEVELS_MAX} levels deep")
    if len(path) > CATEGORY_MAX:
        raise ValueError(f"must be at most {CATEGORY_MAX} characters")
    return path


def address_from(url: str) -> str:
    """The address of an image, which is kept and never fetched."""
    url = url.strip()
    if len(url) > ADDRESS_MAX:
        raise ValueError(f"must be at most {ADDRESS_MAX} characters")
    if OWN_PICTURE.fullmatch(url):
        return url
    if CONTROL.search(url) or " " in url or not url.startswith(("https://", "http://")):
        raise ValueError("must be an address that begins with https:// or http://")
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if not host:
        raise ValueError("must be an address with a host")
    return url


def slugged(text: str) -> str:
    """`Crème Brûlée, 4 pcs` becomes `creme-brulee-4-pcs`; empty without Latin letters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:150].strip("-")


def slug_from(name: str) -> str:
    """A slug that is no id and no route; without Latin letters, `product`."""
    slug = slugged(name)
    if not slug or slug in RESERVED or UUID.fullmatch(slug):
        return f"product-{slug}".strip("-")
    return slug


def words_of(*texts: str) -> list[str]:
    """Words as searches compare them: without case and accents, each once."""
    folded = unicodedata.normalize("NFKD", " ".join(texts).casefold())
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return list(dict.fromkeys(word[:WORD_MAX] for word in re.findall(r"[^\W_]+", plain)))


def paths_of(category: str) -> list[str]:
    """`a/b/c` lies in `a`, `a/b` and `a/b/c`."""
    parts = category.split("/") if category else []
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


def title_of(slug: str) -> str:
    """`home-and-garden` reads "Home and garden"."""
    return slug.replace("-", " ").capitalize()
