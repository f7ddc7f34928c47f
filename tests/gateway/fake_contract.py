"""An invented library: a contract in which every option occurs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Struct

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
from souk.kernel.refusals import Kind, Refusal
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
    answer=Answer(max_age_seconds=60, emptied_by=("souk.library.>", "souk.press.printed")),
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
    LIST_BOOKS, LIST_NEW_BOOKS, GET_BOOK, ADD_BOOK, LEND_BOOK, LIST_LOANS, SHOW_CARD, ASK_CARD,
    END_LOAN, TOUCH, UPLOAD_COVER, GET_COVER, HOOK, SIGN_IN, TROUBLE, WATCH, COUNT,
)  # fmt: skip
