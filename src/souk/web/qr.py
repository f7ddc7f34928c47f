"""QR codes, drawn into the page."""

from __future__ import annotations

import segno
from markupsafe import Markup

QUIET_MODULES = 4  # of light around it, without which cameras do not find it


def qr(text: str) -> Markup:
    """Dark on light in every scheme: not every camera reads the reverse. Says nothing to those
    who do not see it, so what it holds must stand beside it."""
    drawn = segno.make_qr(text).svg_inline(
        border=QUIET_MODULES, omitsize=True, dark="#000", light="#fff", svgclass="qr"
    )
    return Markup(drawn.replace("<svg", '<svg aria-hidden="true"', 1))  # noqa: S704 - paths alone
