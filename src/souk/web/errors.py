"""A kind page for whatever did not work."""

from __future__ import annotations

from msgspec import Struct
from starlette.responses import Response

from souk.gateway.problems import HttpRefusal, is_bug, status_of
from souk.kernel.context import NOBODY
from souk.kernel.refusals import Kind, Refusal
from souk.web.phrases import phrase
from souk.web.sessions import Session
from souk.web.visit import Visit


class MethodNotAllowed(HttpRefusal):
    STATUS = 405
    DETAIL = "This address does not answer such requests."


class Said(Struct, frozen=True):
    title: str
    text: str
    picture: str


def said_of(visit: Visit, kind: Kind) -> Said:
    text = visit.text
    if kind is Kind.NOT_FOUND:
        return Said(
            text("We looked everywhere"),
            text("There is nothing at this address. It may have been moved, sold or taken down."),
            "lost",
        )
    if kind is Kind.NOT_ALLOWED:
        return Said(
            text("This door is not yours"),
            text("Your account may not see this page, or the form came from another site."),
            "closed",
        )
    if kind is Kind.TOO_MANY:
        return Said(
            text("One moment, please"),
            text("That was a lot at once. Wait a little and try again."),
            "busy",
        )
    if kind in (Kind.UNAVAILABLE, Kind.TIMEOUT):
        return Said(
            text("We will be right back"),
            text(
                "A part of the shop does not answer just now. Nothing you did is lost; try again."
            ),
            "busy",
        )
    if kind is Kind.INTERNAL:
        return Said(
            text("Something broke on our side"),
            text("It was not you. We have been told, and nothing was charged by this page."),
            "broken",
        )
    return Said(text("That did not work"), "", "broken")


def error_page(visit: Visit, refusal: Refusal) -> Response:
    if not hasattr(visit, "session"):  # it was not even known yet who asks
        visit.session = Session(NOBODY)
    said = said_of(visit, refusal.KIND)
    response = visit.page(
        "error.html",
        status=status_of(refusal),
        error=said,
        detail="" if is_bug(refusal) or said.text else phrase(refusal, visit.tongue),
        trace_id=visit.exchange.trace_id if is_bug(refusal) else "",
    )
    if (seconds := refusal.retry_after_seconds) is not None:
        response.headers["retry-after"] = str(seconds)
    return response
