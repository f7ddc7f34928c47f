"""The web: an ASGI application that answers people with pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Message, Receive, Scope, Send

from souk.gateway.exchange import Exchange, Traces
from souk.gateway.journal import Journal
from souk.gateway.pressure import Deadlines, Gate
from souk.gateway.problems import is_bug, refusal_of
from souk.kernel.clock import monotonic
from souk.kernel.context import Call, acting
from souk.kernel.refusals import (
    MalformedRequest,
    NotAllowed,
    RequestTooLarge,
    RouteNotFound,
    SignInRequired,
    StepUpRequired,
)
from souk.kernel.telemetry import logger, traces
from souk.web import again
from souk.web.cookies import Jar
from souk.web.errors import MethodNotAllowed, error_page
from souk.web.forgery import FIELD
from souk.web.forms import Form
from souk.web.route import Handle, Page
from souk.web.site import Site
from souk.web.visit import Visit

RUNNING_MAX = 1000
COMPRESS_FROM_BYTES, COMPRESS_LEVEL = 1000, 4
FIELDS_MAX, FILES_MAX = 2000, 50
CLIENT_GONE = 499
log = logger(__name__)


class Web:
    """Routes a request to its page, and answers whatever goes wrong with a page as well."""

    def __init__(self, site: Site, pages: Iterable[Page]) -> None:
        self._site = site
        self._traces, self._journal = Traces(), Journal(site.settings)
        self._deadlines = Deadlines(site.settings.request_timeout_seconds)
        self._gate = Gate(RUNNING_MAX)
        self._headers = list(site.headers())
        routes = [Route(page.path, Answering(self, page), methods=page.verbs) for page in pages]
        router = Router(routes, default=Answering(self, Page(path="", show=nothing_here)))
        self._app = GZipMiddleware(router, COMPRESS_FROM_BYTES, COMPRESS_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send, self._traces)
        scope["app"], scope["exchange"] = self, exchange
        fixed = [(name.encode(), value.encode()) for name, value in self._headers]

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                known = {name for name, _ in message["headers"]}
                message["headers"] += [each for each in fixed if each[0] not in known]
                message["headers"] += exchange.ids()
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except (ClientDisconnect, OSError):  # nobody is there to be answered
            exchange.status = CLIENT_GONE
        except HTTPException:  # a known address, asked in a way it does not know
            page = Page(path="", show=wrong_verb)
            await Answering(self, page)(scope, receive, answer)
        self._journal.record(exchange)

    def close(self) -> None:
        """Refuses new requests; what runs may finish."""
        self._gate.is_closed = True
        for feed in self._site.feeds:
            feed.stop()

    async def stop(self, grace_seconds: float) -> None:
        """Closes, and waits for what runs, but no longer than the grace."""
        self.close()
        until = monotonic() + grace_seconds
        while (self._gate.running or self._site.feeds) and monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # an event would cost every request something
        self._journal.flush()

    async def answer(self, page: Page, request: Request) -> Response:
        exchange: Exchange = request.scope["exchange"]
        exchange.route = page.path
        if page.plain is not None:
            return await page.plain(self._site, request)
        site = self._site
        jar = Jar(
            request.cookies,
            is_secure=site.is_secure,
            refresh_seconds=site.settings.refresh_token_seconds,
        )
        visit = Visit(site, exchange, request, jar)
        try:
            response = await self._admitted(page, visit)
        except (ClientDisconnect, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - the last place where a visitor can be answered
            response = self._failed(visit, error)
        jar.write(response)
        return response

    async def _admitted(self, page: Page, visit: Visit) -> Response:
        with self._gate, self._deadlines.ticket() as ticket:
            return await self._visited(page, visit, ticket.deadline)

    async def _visited(self, page: Page, visit: Visit, deadline: float) -> Response:
        exchange, address = visit.exchange, self._site.callers.address_of(visit.request.scope)
        nobody = Call(deadline=deadline, trace_id=exchange.trace_id)
        with acting(nobody):
            visit.session = await self._site.sessions.find(visit.jar, address)
        call = Call(visit.session.caller, deadline, exchange.trace_id)
        with acting(call), traces.span(f"{visit.request.method} {page.path}"):
            if page.take is not None and visit.request.method == "POST":
                try:
                    return await self._take(page.take, page, visit)
                finally:
                    await visit.form.close()
            admit(page, visit)
            assert page.show is not None
            return await page.show(visit)

    async def _take(self, take: Handle, page: Page, visit: Visit) -> Response:
        if not self._site.forgery.is_ours(visit.request):
            raise NotAllowed()
        visit.form = await self._read(visit.request)
        if not page.is_open and not self._site.forgery.is_fresh(
            visit.jar.get("souk_seal"), visit.form[FIELD]
        ):
            return again.ask(visit, again.Reason.STALE)
        try:
            admit(page, visit)
            return await take(visit)
        except SignInRequired:
            return again.ask(visit, again.Reason.SIGNED_OUT)
        except StepUpRequired:
            return again.ask(visit, again.Reason.UNPROVED)

    async def _read(self, request: Request) -> Form:
        """What was sent, as a form. Raises RequestTooLarge or MalformedRequest."""
        bytes_max = self._site.settings.body_bytes_max
        length = request.headers.get("content-length", "")
        if not length.isdigit() or int(length) > bytes_max:
            raise RequestTooLarge(max_bytes=bytes_max)
        try:
            found = await request.form(max_files=FILES_MAX, max_fields=FIELDS_MAX)
        except (MultiPartException, HTTPException, UnicodeDecodeError) as error:
            raise MalformedRequest(reason="This form could not be read.") from error
        return Form(found.multi_items())

    def _failed(self, visit: Visit, error: Exception) -> Response:
        refusal = refusal_of(error)
        if is_bug(refusal):
            log.error(
                "page_failed",
                route=visit.exchange.route,
                trace_id=visit.exchange.trace_id,
                exc_info=error,
            )
        if isinstance(refusal, SignInRequired) and hasattr(visit, "session"):
            return visit.go("/sign-in", next=visit.here)
        return error_page(visit, refusal)


class Answering:
    """One page as an endpoint of the router."""

    def __init__(self, web: Web, page: Page) -> None:
        self._web, self._page = web, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        response = await self._web.answer(self._page, request)
        await response(scope, receive, send)


def admit(page: Page, visit: Visit) -> None:
    """Raises SignInRequired or NotAllowed."""
    if not page.roles:
        return
    if not visit.is_signed_in:
        raise SignInRequired()
    if "*" not in page.roles and not visit.has_role(*page.roles):
        raise NotAllowed()


async def nothing_here(visit: Visit) -> Response:
    raise RouteNotFound()


async def wrong_verb(visit: Visit) -> Response:
    raise MethodNotAllowed()
