"""An invented library: a contract in which every option occurs, and who implements it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from souk.kernel.context import Call, call
from souk.kernel.contract import (
    Access,
    Answer,
    Empty,
    File,
    Http,
    Idempotency,
    Int32,
    Method,
    Rate,
    Raw,
    Upload,
)
from souk.kernel.money import Money
from souk.kernel.refusals import Kind, Refusal, Unavailable
from souk.kernel.rules import Instant, Uuid, UuidOrEmpty

BOOK_ID = "0197a3f2-5c1e-7d4b-9a86-3f2b1c0d4e5f"
UNKNOWN_ID = "0197a3f2-5c1e-7d4b-9a86-000000000000"


class LoanStatus(StrEnum):
    LENT = "lent"
    WAITING = "waiting"


class BookNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no book {book_id}."
    book_id: str


class BookIsLent(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "{title} is lent; {waiting} people wait for it."
    title: str
    waiting: int
    is_long: bool
    fee: Money


class Place(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where something is."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class Book(Struct, frozen=True, kw_only=True):
    id: str = ""
    title: str = ""
    price: Money | None = None
    tags: tuple[str, ...] = ()
    added_at: Instant | None = None


class ListBooksRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=0, le=1000)] = 0
    q: Annotated[str, Meta(max_length=50)] = ""
    shop_id: UuidOrEmpty = ""
    tags: Annotated[tuple[str, ...], Meta(max_length=3)] = ()
    near: Place | None = None
    status: LoanStatus | None = None
    is_new: bool = False


class BookPage(Struct, frozen=True, kw_only=True):
    items: tuple[Book, ...] = ()
    page: Int32 = 0
    asked: ListBooksRequest | None = None


class BookRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    book_id: Annotated[str, Meta(min_length=1, max_length=100)]


class Copy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shelf: Annotated[str, Meta(min_length=1, max_length=10)]
    quantity: Annotated[int, Meta(ge=1, le=99)]


class AddBookRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: Annotated[str, Meta(min_length=1, max_length=100)]
    price: Money | None = None
    copies: Annotated[tuple[Copy, ...], Meta(max_length=10)] = ()
    notes: Annotated[str, Meta(max_length=1000, extra={"multiline": True})] = ""


class PlaceLoanRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    book_id: Uuid
    days: Annotated[int, Meta(ge=1, le=60)]
    card: Annotated[str, Meta(max_length=40)] = ""


class CardRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    days: Annotated[int, Meta(ge=1, le=60)]
    card: Annotated[str, Meta(max_length=40)] = ""


class Loan(Struct, frozen=True, kw_only=True):
    id: str
    status: LoanStatus | None = None
    days: Int32 = 0
    card: str = ""


class PlacedLoan(Struct, frozen=True, kw_only=True):
    loan: Loan


class TouchRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    book_id: str
    note: Annotated[str, Meta(max_length=20)] = ""


class UploadCoverRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    book_id: str
    content: Annotated[bytes, Meta(min_length=1)]
    file_name: Annotated[str, Meta(max_length=255)] = ""
    content_type: Annotated[str, Meta(max_length=255)] = ""
    is_front: bool = False
    title: Annotated[str, Meta(max_length=20)] = ""


class Cover(Struct, frozen=True, kw_only=True):
    size: Int32 = 0
    file_name: str = ""
    content_type: str = ""
    is_front: bool = False
    title: str = ""


class HookRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    partner: Annotated[str, Meta(pattern="^[a-z]{1,20}$")]
    body: bytes = b""
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}


class Heard(Struct, frozen=True, kw_only=True):
    partner: str = ""
    body: str = ""
    signature: str = ""
    query: Mapping[str, str] = {}


class TroubleRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: str


class News(Struct, frozen=True, kw_only=True):
    event: str = ""
    number: Int32 = 0


class Surroundings(Struct, frozen=True, kw_only=True):
    """The call as the service saw it."""

    user_id: str = ""
    roles: tuple[str, ...] = ()
    address: str = ""
    trace_id: str = ""
    key: str = ""
    has_deadline: bool = False


NAME = "souk.library.v1.LibraryService"
PUBLIC = Access(public=True)
READERS = Access(roles=frozenset({"customer"}))


def method(name: str, python: str, request: type, response: type, **more: Any) -> Method:
    http = tuple(more.pop("http"))
    return Method(
        service=NAME,
        name=name,
        python=python,
        request=request,
        response=response,
        http=http,
        **more,
    )


LIST_BOOKS = method(
    "ListBooks",
    "list_books",
    ListBooksRequest,
    BookPage,
    http=[Http("GET", "/api/v1/books"), Http("GET", "/api/v1/library/books")],
    access=PUBLIC,
    comment="The books, newest first; by text or by tags.",
)
LIST_NEW_BOOKS = method(
    "ListNewBooks",
    "list_new_books",
    Empty,
    BookPage,
    http=[Http("GET", "/api/v1/books/new")],
    access=PUBLIC,
    answer=Answer(max_age_seconds=60),
)
GET_BOOK = method(
    "GetBook",
    "get_book",
    BookRequest,
    Book,
    http=[Http("GET", "/api/v1/books/{book_id}")],
    access=PUBLIC,
    errors=(BookNotFound,),
    comment="One book.",
)
ADD_BOOK = method(
    "AddBook",
    "add_book",
    AddBookRequest,
    Book,
    http=[Http("POST", "/api/v1/books", body="*")],
    access=Access(roles=frozenset({"admin"})),
    rate=Rate.WRITE,
)
LEND_BOOK = method(
    "PlaceLoan",
    "place_loan",
    PlaceLoanRequest,
    PlacedLoan,
    http=[Http("POST", "/api/v1/books/{book_id}/loans", body="*")],
    access=READERS,
    errors=(BookNotFound, BookIsLent),
    idempotent=Idempotency.REQUIRED,
    rate=Rate.CHECKOUT,
    answer=Answer(status=201, when_field="loan.status", when_value="waiting", when_status=202),
    headers={"card": "X-Card"},
)
LIST_LOANS = method(
    "ListLoans",
    "list_loans",
    Empty,
    Surroundings,
    http=[Http("GET", "/api/v1/loans")],
    access=READERS,
    comment="What the caller has borrowed.",
)
SHOW_CARD = method(
    "ShowCard",
    "show_card",
    PlaceLoanRequest,
    Loan,
    http=[Http("GET", "/api/v1/books/{book_id}/card")],
    access=PUBLIC,
    headers={"card": "X-Card"},
)
ASK_CARD = method(
    "AskCard",
    "ask_card",
    CardRequest,
    Loan,
    http=[Http("POST", "/api/v1/cards", body="*")],
    access=PUBLIC,
    headers={"card": "X-Card"},
)
END_LOAN = method(
    "EndLoan",
    "end_loan",
    BookRequest,
    Empty,
    http=[Http("DELETE", "/api/v1/books/{book_id}/loans")],
    access=READERS,
    rate=Rate.WRITE,
)
TOUCH = method(
    "Touch",
    "touch",
    TouchRequest,
    Surroundings,
    http=[Http("PUT", "/api/v1/books/{book_id}/touch", body="*")],
    access=PUBLIC,
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
)
UPLOAD_COVER = method(
    "UploadCover",
    "upload_cover",
    UploadCoverRequest,
    Cover,
    http=[Http("POST", "/api/v1/books/{book_id}/cover", body="*")],
    access=PUBLIC,
    rate=Rate.UPLOAD,
    upload=Upload("content", "file_name", "content_type", max_bytes=200_000),
)
GET_COVER = method(
    "GetCover",
    "get_cover",
    BookRequest,
    File,
    http=[Http("GET", "/api/v1/books/{book_id}/cover")],
    access=PUBLIC,
)
HOOK = method(
    "Hook",
    "hook",
    HookRequest,
    Heard,
    http=[Http("POST", "/api/v1/hooks/{partner}", body="*")],
    access=PUBLIC,
    rate=Rate.WEBHOOK,
    raw=Raw("body", "headers", "query"),
)
SIGN_IN = method(
    "SignIn",
    "sign_in",
    Empty,
    Surroundings,
    http=[Http("POST", "/api/v1/sign-in", body="*")],
    access=PUBLIC,
    rate=Rate.SIGN_IN,
)
TROUBLE = method(
    "Trouble",
    "trouble",
    TroubleRequest,
    Surroundings,
    http=[Http("GET", "/api/v1/trouble/{kind}")],
    access=PUBLIC,
)
WATCH = method(
    "WatchBook",
    "watch_book",
    BookRequest,
    News,
    http=[Http("GET", "/api/v1/books/{book_id}/live")],
    access=READERS,
    errors=(BookNotFound,),
    streams=True,
    comment="What happens to a book.",
)
COUNT = method(
    "CountBooks",
    "count_books",
    Empty,
    Surroundings,
    http=[Http("GET", "/api/v1/internal/count")],
    access=Access(internal=True),
)
METHODS = (
    LIST_BOOKS, LIST_NEW_BOOKS, GET_BOOK, ADD_BOOK, LEND_BOOK, LIST_LOANS, SHOW_CARD, ASK_CARD, END_LOAN,
    TOUCH, UPLOAD_COVER, GET_COVER, HOOK, SIGN_IN, TROUBLE, WATCH, COUNT,
)  # fmt: skip

BOOK = Book(
    id=BOOK_ID,
    title="Middlemarch",
    price=Money(1999, "USD"),
    tags=("novel",),
    added_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
)
PAGE = File(content=b"<!doctype html><script>alert(1)</script>", content_type="text/html; page=own")
FILES = {
    "image": File(content=b"\x89PNG", content_type="image/png"),
    "page": PAGE,
    "theirs": File(content=PAGE.content, content_type="text/html"),
    "odd": File(
        content=b"?", content_type="no\r\ntype", name="../Umschlag \u2013 \u201cneu\u201d.txt"
    ),
}


class Library:
    """Implements the contract, and remembers what it was asked."""

    NAME: ClassVar[str] = NAME

    def __init__(self) -> None:
        self.calls: list[tuple[Any, Call]] = []
        self.news: asyncio.Queue[News | Refusal | None] = asyncio.Queue()
        self.closed = 0
        self.gate = asyncio.Event()
        self.books = 1

    def _asked(self, request: Any) -> None:
        self.calls.append((request, call()))

    def _surroundings(self) -> Surroundings:
        now = call()
        return Surroundings(
            user_id=now.caller.user_id,
            roles=tuple(sorted(now.caller.roles)),
            address=now.caller.address,
            trace_id=now.trace_id,
            key=now.idempotency_key,
            has_deadline=now.deadline is not None,
        )

    async def list_books(self, request: ListBooksRequest) -> BookPage:
        self._asked(request)
        return BookPage(items=(BOOK,) * self.books, page=request.page, asked=request)

    async def list_new_books(self, request: Empty) -> BookPage:
        self._asked(request)
        return BookPage(items=(BOOK,))

    async def get_book(self, request: BookRequest) -> Book:
        self._asked(request)
        if request.book_id == UNKNOWN_ID:
            raise BookNotFound(book_id=request.book_id)
        return BOOK

    async def add_book(self, request: AddBookRequest) -> Book:
        self._asked(request)
        return Book(id=BOOK_ID, title=request.title, price=request.price)

    async def place_loan(self, request: PlaceLoanRequest) -> PlacedLoan:
        self._asked(request)
        if request.days == 13:
            raise BookIsLent(title="Emma", waiting=2, is_long=True, fee=Money(5, "USD"))
        status = LoanStatus.WAITING if request.days > 30 else LoanStatus.LENT
        return PlacedLoan(
            loan=Loan(id=BOOK_ID, status=status, days=request.days, card=request.card)
        )

    async def list_loans(self, request: Empty) -> Surroundings:
        self._asked(request)
        return self._surroundings()

    async def show_card(self, request: PlaceLoanRequest) -> Loan:
        self._asked(request)
        return Loan(id=request.book_id, days=request.days, card=request.card)

    async def ask_card(self, request: CardRequest) -> Loan:
        self._asked(request)
        return Loan(id=BOOK_ID, days=request.days, card=request.card)

    async def end_loan(self, request: BookRequest) -> Empty:
        self._asked(request)
        return Empty()

    async def touch(self, request: TouchRequest) -> Surroundings:
        self._asked(request)
        return self._surroundings()

    async def upload_cover(self, request: UploadCoverRequest) -> Cover:
        self._asked(request)
        return Cover(
            size=len(request.content),
            file_name=request.file_name,
            content_type=request.content_type,
            is_front=request.is_front,
            title=request.title,
        )

    async def get_cover(self, request: BookRequest) -> File:
        self._asked(request)
        return FILES[request.book_id]

    async def hook(self, request: HookRequest) -> Heard:
        self._asked(request)
        return Heard(
            partner=request.partner,
            body=request.body.decode(),
            signature=request.headers.get("x-signature", ""),
            query=request.query,
        )

    async def sign_in(self, request: Empty) -> Surroundings:
        self._asked(request)
        return self._surroundings()

    async def trouble(self, request: TroubleRequest) -> Surroundings:
        self._asked(request)
        match request.kind:
            case "bug":
                raise RuntimeError("a secret of the implementation")
            case "away":
                raise Unavailable(service="payments", retry_seconds=7)
            case "slow":
                await asyncio.sleep(60)
            case "late":
                raise TimeoutError
            case "wait":
                await self.gate.wait()
        return self._surroundings()

    async def watch_book(self, request: BookRequest) -> AsyncIterator[News]:
        self._asked(request)
        if request.book_id == UNKNOWN_ID:
            raise BookNotFound(book_id=request.book_id)
        try:
            while (news := await self.news.get()) is not None:
                if isinstance(news, Refusal):
                    raise news
                yield news
        finally:
            self.closed += 1
