"""The services themselves: how each is, and the messages that it could not take in."""

from __future__ import annotations

import asyncio

from msgspec import Struct
from starlette.responses import Response

from souk.contracts.operations import (
    REPLAY_DEAD_LETTERS,
    DeadLetter,
    GetHealthRequest,
    ListDeadLettersRequest,
    ReplayDeadLettersRequest,
    ServiceHealth,
    ServiceNotHere,
)
from souk.kernel.refusals import DeadlineExceeded, InvalidRequest, Unavailable
from souk.web.forms import Form
from souk.web.operator.console import HOME, console_page, may
from souk.web.visit import Visit

AWAY = (Unavailable, DeadlineExceeded)


class Parked(Struct, frozen=True):
    """What one service could not take in; `is_away` when it could not be asked."""

    service: str
    letters: tuple[DeadLetter, ...] = ()
    is_away: bool = False


async def health(visit: Visit) -> Response:
    names = visit.souk.services()
    found = await asyncio.gather(*(health_of(visit, name) for name in names))
    return console_page(visit, "health.html", services=list(zip(names, found, strict=True)))


async def health_of(visit: Visit, service: str) -> ServiceHealth | None:
    """None when the service does not answer."""
    try:
        found: ServiceHealth = await visit.souk.operations(service).get_health(
            GetHealthRequest(service=service)
        )
    except AWAY:
        return None
    return found


async def parked(visit: Visit) -> Response:
    return await parked_page(visit, Form())


async def replay(visit: Visit) -> Response:
    """Hands chosen messages of one service to their consumers again."""
    form = visit.form
    service = form["service"]
    try:
        if service not in visit.souk.services():
            raise ServiceNotHere(service=service)
        request = form.read(
            ReplayDeadLettersRequest, service=service, message_ids=form.all("message_id")
        )
    except InvalidRequest:
        form.blame("message_id", visit.text("Choose at least one message."))
        return await parked_page(visit, form, status=422)
    done = await visit.souk.operations(service).replay_dead_letters(request)
    visit.note("%(done)s took effect, %(failed)s did not.", done=done.done, failed=done.failed)
    return visit.go(f"{HOME}/parked")


async def parked_page(visit: Visit, form: Form, *, status: int = 200) -> Response:
    found = await asyncio.gather(*(parked_of(visit, name) for name in visit.souk.services()))
    return console_page(
        visit,
        "parked.html",
        status=status,
        parked=[each for each in found if each.letters],
        away=[each.service for each in found if each.is_away],
        form=form,
        may_replay=may(visit, REPLAY_DEAD_LETTERS),
    )


async def parked_of(visit: Visit, service: str) -> Parked:
    try:
        found = await visit.souk.operations(service).list_dead_letters(
            ListDeadLettersRequest(service=service)
        )
    except AWAY:
        return Parked(service, is_away=True)
    return Parked(service, found.items)
