"""Codes and links: how somebody proves that a mailbox or a phone is theirs."""

from __future__ import annotations

from urllib.parse import urlencode

from souk.contracts.users import CodePurpose, RevealedCode
from souk.services.notifications.letters import Button, Figure, Letter

NOT_YOU = "If you did not ask for it, do nothing: without it nothing changes."
LINKS = {
    CodePurpose.EMAIL_VERIFICATION: (
        "/verify-email",
        "Confirm your e-mail address",
        "Please confirm that this address is yours. The link is good for three days.",
        "Confirm",
    ),
    CodePurpose.EMAIL_CHANGE: (
        "/verify-email",
        "Confirm your new e-mail address",
        "Your account gets this address once you confirm it. The link is good for 15 minutes.",
        "Confirm",
    ),
    CodePurpose.GUEST_DATA: (
        "/guest-data",
        "What we know of you",
        "You have bought here without an account. By this link you can take home all that we know "
        "of you, or have it erased. It is good for 15 minutes and opens once.",
        "Open",
    ),
    CodePurpose.PASSWORD_RESET: (
        "/reset-password",
        "Choose a new password",
        "The link is good for 15 minutes and opens once. Everybody who is signed in to your "
        "account, on any device, is signed out by it.",
        "Choose a password",
    ),
}


def code_letter(revealed: RevealedCode, *, greeting: str, home_url: str) -> Letter:
    if revealed.purpose not in LINKS:
        return _typed(revealed, greeting=greeting, home_url=home_url)
    path, heading, text, label = LINKS[revealed.purpose]
    url = f"{home_url}{path}?{urlencode({'token': revealed.secret})}"
    return Letter(
        subject=heading,
        preview=text,
        heading=heading,
        paragraphs=(greeting, text, NOT_YOU),
        button=Button(label=label, url=url),
    )


def code_text(revealed: RevealedCode) -> str:
    """A short message, the code first: phones show no more."""
    return f"{_spaced(revealed.secret)} is your Souk code, good for 15 minutes. Tell it nobody."


def _typed(revealed: RevealedCode, *, greeting: str, home_url: str) -> Letter:
    return Letter(
        subject="Your Souk code",
        preview="It is good for 15 minutes.",
        heading="Your code",
        paragraphs=(greeting, "It is good for 15 minutes. We never ask you for it.", NOT_YOU),
        facts=(Figure(label="Code", value=_spaced(revealed.secret)),),
        button=Button(label="Open Souk", url=home_url),
    )


def _spaced(code: str) -> str:
    return f"{code[: len(code) // 2]} {code[len(code) // 2 :]}"
