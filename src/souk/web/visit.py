"""One request for a page: who asks, in which language, what they typed, and how we answer."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from msgspec import structs
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from souk.gateway.exchange import Exchange
from souk.kernel.context import acting, call
from souk.kernel.ids import new_secret
from souk.web.cookies import CART, COUNT, LANGUAGE, NOTE, Jar
from souk.web.forgery import COOKIE as SEAL
from souk.web.forms import Form
from souk.web.languages import Tongue, tongue_for
from souk.web.sessions import Session

if TYPE_CHECKING:
    from souk.web.clients import Clients
    from souk.web.site import Site

NONCE_BYTES = 12
GO = "x-souk-go"
SWAP = "x-souk-swap"  # our own scripts ask for parts of a page with it
_here: ContextVar[Visit] = ContextVar("visit")


def here() -> Visit:
    """The visit that is being answered: for what templates call."""
    return _here.get()


class Visit:
    """What a page is made for. Handlers take one and return a Response."""

    def __init__(self, site: Site, exchange: Exchange, request: Request, jar: Jar) -> None:
        self.site, self.exchange, self.request, self.jar = site, exchange, request, jar
        self.session: Session
        self.form = Form()
        self.tongue: Tongue = tongue_for(
            jar.get(LANGUAGE), request.headers.get("accept-language", "")
        )
        self._nonce = ""
        self._notes: list[str] = []

    @property
    def souk(self) -> Clients:
        """The clients of all services."""
        return self.site.clients

    @property
    def path(self) -> str:
        return self.request.url.path

    @property
    def here(self) -> str:
        """This page's address below the root, with its query: where to come back to."""
        query = self.request.url.query
        return f"{self.path}?{query}" if query else self.path

    @property
    def query(self) -> Mapping[str, str]:
        """As forms are: no keyboard types a NUL, and no database takes one."""
        given = self.request.query_params
        return {name: value.replace("\0", "") for name, value in given.items()}

    @property
    def params(self) -> Mapping[str, str]:
        """What the address holds between its slashes."""
        return self.request.path_params

    @property
    def is_swap(self) -> bool:
        """Whether our own script asks, which replaces parts of the page it has."""
        return SWAP in self.request.headers

    @property
    def _from(self) -> str:
        """The page that a form was sent from."""
        return self.request.headers.get("referer", "")

    @property
    def is_phone(self) -> bool:
        """Whether the browser says that it is small: where there is little room, less is open."""
        return "Mobi" in self.request.headers.get("user-agent", "")

    @property
    def is_signed_in(self) -> bool:
        return self.session.caller.is_signed_in

    def has_role(self, *roles: str) -> bool:
        return not self.session.caller.roles.isdisjoint(roles)

    @property
    def cart_token(self) -> str:
        return self.jar.get(CART)[:100]

    @property
    def cart_count(self) -> int:
        count = self.jar.get(COUNT)
        return int(count) if count.isdecimal() and len(count) < 6 else 0

    @property
    def nonce(self) -> str:
        """Lets a script of this very answer run."""
        if not self._nonce:
            self._nonce = new_secret(NONCE_BYTES)
        return self._nonce

    @property
    def csrf(self) -> str:
        """The token that a form of ours carries; makes the cookie it is bound to."""
        seal = self.jar.get(SEAL)
        if not seal:
            seal = self.site.forgery.new_seal()
            self.jar.keep(SEAL, seal, seconds=None)
        return self.site.forgery.token(seal)

    def text(self, message: str, **values: object) -> str:
        """The message in the visitor's language."""
        found = self.tongue.texts.gettext(message)
        return found % values if values else found

    def note(self, message: str, **values: object) -> None:
        """Says something on top of the page that comes next, once."""
        self._notes.append(self.text(message, **values))
        self.jar.keep(NOTE, quote("\n".join(self._notes)), seconds=60)

    @property
    def notes(self) -> list[str]:
        """What is to be said now; it is forgotten by saying it."""
        said = unquote(self.jar.get(NOTE))
        self.jar.drop(NOTE)
        return [note for note in said.split("\n") if note]

    def page(self, template: str, /, *, status: int = 200, **values: Any) -> Response:
        """A page from its template, which knows this visit as `visit`."""
        body = self.render(template, **values)
        response = HTMLResponse(body, status_code=status)
        response.headers["content-security-policy"] = self.site.policy(self.nonce)
        keep = "no-store" if self.is_signed_in else "private, no-cache"
        response.headers["cache-control"] = keep
        response.headers["vary"] = "cookie, accept-language"
        return response

    def render(self, template: str, /, **values: Any) -> str:
        token = _here.set(self)
        try:
            return self.site.templates.get_template(template).render(visit=self, **values)
        finally:
            _here.reset(token)

    def go(self, where: str, **query: str) -> Response:
        """To another page of ours, by GET. Our script is told where, since what a redirect leads
        it to would be made for nobody to see, with all that is said once."""
        target = f"{where}?{urlencode(query)}" if query else where
        if self.is_swap and urlsplit(target).path != urlsplit(self._from).path:
            return Response(status_code=204, headers={GO: target, "cache-control": "no-store"})
        return RedirectResponse(target, status_code=303, headers={"cache-control": "no-store"})

    def keyed(self, key: str) -> acting:
        """`with visit.keyed(key):` what is asked inside counts once for this key."""
        return acting(structs.replace(call(), idempotency_key=key))


def own_path(where: str, otherwise: str = "/") -> str:
    """`where` if it is a page of ours, for addresses that come with a request."""
    parts = urlsplit(where)
    is_ours = where.startswith("/") and not where.startswith(("//", "/\\"))
    is_ours = is_ours and not parts.scheme and not parts.netloc and where.isprintable()
    return where if is_ours else otherwise
