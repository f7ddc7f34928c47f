"""One mailbox, one text: what spellings of an e-mail address have in common."""

from __future__ import annotations

import unicodedata

import idna


def plain_text(text: str) -> str:
    """The form in which two spellings of the same words are the same text."""
    return unicodedata.normalize("NFKC", text.strip()).casefold()


def email_key(email: str) -> str:
    """The form in which two spellings of one mailbox are the same text, and two mailboxes never.

    Domains are compared as the DNS does: `bücher.example` is `xn--bcher-kva.example`. Before the
    `@` case, width and ligatures are folded, and no more: `weiß` and `weiss` are two people.
    """
    local, at, domain = email.strip().rpartition("@")
    return f"{unicodedata.normalize('NFKC', local).lower()}{at}{_host(domain)}"


def _host(domain: str) -> str:
    if domain.isascii() and "xn--" not in domain.lower():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:  # no name that the DNS could have; whoever typed it gets no mail
        return unicodedata.normalize("NFC", domain).lower()
