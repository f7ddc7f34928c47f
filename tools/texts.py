"""Gathers the texts of the pages into the catalogues of every language: `make texts`.

With --check it writes nothing and fails when a catalogue lacks a text or holds one that is gone.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from souk import contracts
from souk.web import phrases

WEB = Path(__file__).parents[1] / "src" / "souk" / "web"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
OPTIONS = {
    "templates/**.html": {"trim_blocks": "true", "extensions": "jinja2.ext.do", "silent": "false"}
}
# What is said to people: `visit.text(…)`, `visit.note(…)`, and the templates' own.
KEYWORDS = {"_": None, "gettext": None, "text": None, "note": None, "ngettext": (1, 2)}


def main() -> int:
    only_checks = "--check" in sys.argv[1:]
    texts = gathered()
    stale = []
    for path in sorted(WEB.glob("locale/*/LC_MESSAGES/web.po")):
        catalogue = read_po(io.BytesIO(path.read_bytes()), locale=path.parts[-3])
        known = {message.id for message in catalogue if message.id}
        if known != {message.id for message in texts if message.id}:
            stale.append(path)
        catalogue.update(texts, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        if not only_checks:
            written = io.BytesIO()
            write_po(written, catalogue, width=100, no_location=True, omit_header=False)
            path.write_bytes(written.getvalue())
        done = sum(bool(translated(message.string)) for message in catalogue if message.id)
        print(f"{path.parts[-3]}: {done} of {len(catalogue)} texts")
    if only_checks and stale:
        print("run `make texts`: the texts of the pages have changed", file=sys.stderr)
    return int(only_checks and bool(stale))


def gathered() -> Catalog:
    """Every text, with the files under WEB that say it."""
    texts = Catalog(fuzzy=False)
    for module in iter_modules(contracts.__path__):  # whose refusals are known from then on
        import_module(f"{contracts.__name__}.{module.name}")
    found: Iterator[tuple[str, int, str | tuple[str, ...], list[str], str | None]]
    found = extract_from_dir(WEB, METHODS, OPTIONS, KEYWORDS)
    for name, line, message, _, context in found:
        if message:
            texts.add(message, locations=[(name, line)], context=context)
    for said in phrases.every_text():
        texts.add(said, locations=[("phrases.py", 1)])
    return texts


def translated(text: str | Sequence[str] | None) -> bool:
    return bool(text) if isinstance(text, str) else bool(text and all(text))


if __name__ == "__main__":
    sys.exit(main())
