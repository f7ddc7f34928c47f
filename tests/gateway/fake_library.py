"""The invented library itself: it implements the contract and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, ClassVar

from souk.kernel.context import Call, call
from souk.kernel.contract import Empty, File
from souk.kernel.money import Money
from souk.kernel.refusals import Refusal, Unavailable
from tests.gateway.fake_contract import (
    BOOK_ID,
    NAME,
    UNKNOWN_ID,
    AddBookRequest,
    Book,
    BookIsLent,
    BookNotFound,
    BookPage,
    BookRequest,
    CardRequest,
    Cover,
    Heard,
    HookRequest,
    ListBooksRequest,
    Loan,
    LoanStatus,
    News,
    PlacedLoan,
    PlaceLoanRequest,
    Surroundings,
    TouchRequest,
    TroubleRequest,
    UploadCoverRequest,
)

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
        self.new_books_wait = self.new_books_fail = False

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
        books = self.books  # as they were when it was asked
        if self.new_books_wait:
            await self.gate.wait()
        if self.new_books_fail:
            raise BookNotFound(book_id="new")
        return BookPage(items=(BOOK,) * books)

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
