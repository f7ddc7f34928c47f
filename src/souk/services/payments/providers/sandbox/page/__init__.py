"""The challenge's page: one file that needs nothing else, and runs only its own script."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from pathlib import Path
from string import Template

from souk.kernel.money import Money

FOLDER = Path(__file__).parent
STYLE = (FOLDER / "challenge.css").read_text()
SCRIPT = (FOLDER / "challenge.js").read_text()
TEMPLATE = Template((FOLDER / "challenge.html").read_text())


def source_of(text: str) -> str:
    """How a content security policy names a style or a script by what it says."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


POLICY = (
    f"default-src 'none'; script-src {source_of(SCRIPT)}; style-src {source_of(STYLE)};"
    " connect-src 'self'; base-uri 'none'; form-action 'self'"
)


def render(amount: Money, *, challenge_id: str, outcome: str, return_url: str) -> bytes:
    """`outcome` as ChallengeAnswer has it; empty while the shopper has not answered."""
    page = TEMPLATE.substitute(
        policy=escape(POLICY),
        style=STYLE,
        script=SCRIPT,
        amount=escape(f"{amount.to_decimal():,}"),
        currency=escape(amount.currency),
        challenge_id=escape(challenge_id),
        outcome=escape(outcome or "waiting"),
        return_url=escape(return_url),
    )
    return page.encode()
