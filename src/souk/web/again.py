"""A form that came too late: what was typed is shown and kept, and one click sends it again."""

from __future__ import annotations

from enum import StrEnum

from starlette.responses import Response

from souk.contracts.users import PasskeyOptions
from souk.web.forgery import FIELD
from souk.web.forms import Form, is_secret
from souk.web.visit import Visit, own_path

PREFIX = "again:"
PATH = "again-path"
SHOWN_MAX = 200
FIELDS_MAX = 300


class Reason(StrEnum):
    STALE = "stale"
    SIGNED_OUT = "signed_out"
    UNPROVED = "unproved"  # who is signed in must show once more who they are


def ask(visit: Visit, reason: Reason) -> Response:
    """The page that asks to send a form once more, after signing in where that is needed."""
    kept = [(name, value) for name, value in visit.form.pairs if not is_secret(name)]
    return page(visit, reason, path=visit.here, kept=kept[:FIELDS_MAX])


def page(
    visit: Visit,
    reason: Reason,
    *,
    path: str,
    kept: list[tuple[str, str]],
    form: Form | None = None,
    asked: PasskeyOptions | None = None,
) -> Response:
    """`asked` is what a passkey is to answer, where one is to show who somebody is."""
    status = 401 if reason is Reason.SIGNED_OUT else 403
    is_sent_here = form is None and reason is Reason.STALE and visit.path != path
    shown = [(name, value[:SHOWN_MAX]) for name, value in kept if value and is_typed(name)]
    return visit.page(
        "again.html",
        status=200 if is_sent_here else status,
        reason=reason.value,
        path=path,
        kept=kept,
        shown=shown,
        form=form or Form(),
        asked=asked,
    )


def kept_in(form: Form) -> tuple[str, list[tuple[str, str]]]:
    """What a sign-in carried along: where a form was going, and what was typed into it."""
    kept = [
        (name.removeprefix(PREFIX), value)
        for name, value in form.pairs
        if name.startswith(PREFIX) and not is_secret(name)
    ]
    return own_path(form[PATH], ""), kept[:FIELDS_MAX]


def is_typed(name: str) -> bool:
    """Whether a person wrote it, as far as its name tells: ids and keys mean nothing to people."""
    return name not in (
        FIELD,
        "key",
        "next",
        "action",
        "seen_total",
        "signed_in",
    ) and not name.endswith("_id")
