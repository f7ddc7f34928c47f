"""How a client reaches a service: in this process, or over gRPC. Configuration decides."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextvars import ContextVar, Token
from typing import Any, Protocol, runtime_checkable

import grpc.aio

from souk.kernel import status, wire
from souk.kernel.admission import admit, recorded
from souk.kernel.breaker import Breaker
from souk.kernel.context import Call, Caller, acting, call, remaining_seconds
from souk.kernel.contract import Method
from souk.kernel.identity import Seal
from souk.kernel.refusals import (
    DeadlineExceeded,
    IdempotencyKeyRequired,
    Unavailable,
)
from souk.kernel.telemetry import metrics, traces

MESSAGE_BYTES_MAX = 16 << 20
KEY_CHARACTERS_MAX = 255
CALL_SECONDS = 10.0  # where the caller has no deadline of its own
SLOW_SECONDS = 1.0  # a call given less time than this proves nothing when it runs out
OPTIONS = [
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    # The default back-off grows to two minutes: a restarted service must be found in a second.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.lb_policy_name", "round_robin"),
]


class Transport(Protocol):
    """What a generated client stands on."""

    def call(self, method: Method, request: Any) -> Coroutine[Any, Any, Any]: ...

    def stream(self, method: Method, request: Any) -> AsyncIterator[Any]: ...


def is_sound_key(key: str) -> bool:
    """Whether it may travel in a header: at most 255 printable ASCII characters."""
    return len(key) <= KEY_CHARACTERS_MAX and key.isascii() and key.isprintable()


class Local:
    """Calls the implementation itself: frozen requests and answers are shared, nothing is copied.

    Deadline and trace need no work: they are context variables of this very task.
    """

    __slots__ = ("implementation",)

    def __init__(self, implementation: Any) -> None:
        self.implementation = implementation

    def call(self, method: Method, request: Any) -> Coroutine[Any, Any, Any]:
        caller = call().caller
        admit(method, caller)
        if caller.is_operator or caller.is_seller:
            return self._on_the_record(method, request)
        answer: Coroutine[Any, Any, Any] = getattr(self.implementation, method.python)(request)
        return answer

    async def _on_the_record(self, method: Method, request: Any) -> Any:
        with acting(recorded(method, request)):
            return await getattr(self.implementation, method.python)(request)

    def stream(self, method: Method, request: Any) -> AsyncIterator[Any]:
        admit(method, call().caller)
        answers: AsyncIterator[Any] = getattr(self.implementation, method.python)(request)
        return answers


class Remote:
    """Calls over one gRPC channel; caller, deadline, trace and key travel along.

    Nothing is repeated here: gRPC itself repeats what it never sent, and of anything else the
    outcome is unknown, which only the caller can resolve.
    """

    def __init__(self, service: str, address: str, seal: Seal) -> None:
        self.service, self.address = service, address
        self._seal = seal
        self._channel = grpc.aio.insecure_channel(address, options=OPTIONS)
        self._multicallables: dict[Method, Any] = {}
        self.breaker = Breaker()

    async def call(self, method: Method, request: Any) -> Any:
        seconds = remaining_seconds()
        seconds = CALL_SECONDS if seconds is None else seconds
        self._must_be_worth_trying(seconds)
        try:
            with traces.span(method.path):
                answer = await self._callable(method)(
                    request, timeout=seconds, metadata=self._metadata(method)
                )
        except grpc.aio.AioRpcError as error:
            self._judge(error, seconds)
            raise status.refusal_from(error, self.service) from None
        self.breaker.succeeded()
        return answer

    async def stream(self, method: Method, request: Any) -> AsyncIterator[Any]:
        seconds = remaining_seconds()
        self._must_be_worth_trying(seconds)
        going = self._callable(method)(request, timeout=seconds, metadata=self._metadata(method))
        try:
            async for message in going:
                self.breaker.succeeded()
                yield message
        except grpc.aio.AioRpcError as error:
            self._judge(error, seconds)
            raise status.refusal_from(error, self.service) from None
        finally:
            going.cancel()

    async def close(self) -> None:
        await self._channel.close(None)

    def _callable(self, method: Method) -> Any:
        found = self._multicallables.get(method)
        if found is None:
            encode, _, _, decode = wire.codecs(method)
            kind = self._channel.unary_stream if method.streams else self._channel.unary_unary
            found = kind(method.path, request_serializer=encode, response_deserializer=decode)
            self._multicallables[method] = found
        return found

    def _metadata(self, method: Method) -> tuple[tuple[str, str | bytes], ...]:
        now = call()
        sealed = self._seal.close(now.caller, method.path)
        found: list[tuple[str, str | bytes]] = [(status.CALLER, sealed)]
        if now.trace_id:
            found.append((status.TRACE, traces.traceparent(now.trace_id)))
        if now.idempotency_key:
            if not is_sound_key(now.idempotency_key):
                raise IdempotencyKeyRequired()
            found.append((status.KEY, now.idempotency_key))
        return tuple(found)

    def _must_be_worth_trying(self, seconds: float | None) -> None:
        if seconds is not None and seconds <= 0:
            raise DeadlineExceeded()
        if not self.breaker.permits():
            raise Unavailable(service=self.service)

    def _judge(self, error: grpc.aio.AioRpcError, seconds: float | None) -> None:
        """Counts what says that the other side is away; a refusal says that it is there."""
        code = error.code()
        ran_out = code is grpc.StatusCode.DEADLINE_EXCEEDED and (seconds or 0) >= SLOW_SECONDS
        is_away = code is grpc.StatusCode.UNAVAILABLE and not status.has_details(error)
        if ran_out or is_away:
            self.breaker.failed()
        elif code is not grpc.StatusCode.DEADLINE_EXCEEDED:
            self.breaker.succeeded()
        metrics.breaker_open.set(float(self.breaker.is_open), self.service)


class Switchboard:
    """One Transport for all services: to each its own way, as whoever is calling now."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._ways: dict[str, Transport] = {}  # by full name: souk.orders.v1.OrderService
        self._remotes: dict[str, Remote] = {}  # by short name: orders

    def host(self, implementation: Any) -> None:
        """Serves this service here; that goes before any address."""
        self._ways[implementation.NAME] = Local(implementation)

    def dial(self, service: str, address: str) -> None:
        """Reaches `service` (its short name) at host:port."""
        self._remotes[service] = Remote(service, address, self._seal)

    def call(self, method: Method, request: Any) -> Coroutine[Any, Any, Any]:
        return (self._ways.get(method.service) or self._way(method)).call(method, request)

    def stream(self, method: Method, request: Any) -> AsyncIterator[Any]:
        return (self._ways.get(method.service) or self._way(method)).stream(method, request)

    def client_transport(self, *, service: str) -> Transport:
        """A Transport whose calls are made by `service`, for whoever called it."""
        return PassedOn(self, service)

    def at(self, service: str) -> Transport:
        """The way to wherever `service` runs: for what every process answers about its own."""
        return self._remotes.get(service, self)

    def services(self) -> frozenset[str]:
        """The short names of all that can be reached, here or elsewhere."""
        return frozenset({full.split(".")[1] for full in self._ways} | self._remotes.keys())

    @property
    def remotes(self) -> tuple[Remote, ...]:
        return tuple(self._remotes.values())

    async def close(self) -> None:
        for remote in self._remotes.values():
            await remote.close()

    def _way(self, method: Method) -> Transport:
        remote = self._remotes.get(method.owner)
        if remote is None:
            raise Unavailable(service=method.owner)
        self._ways[method.service] = remote
        return remote


class PassedOn:
    """Calls made by a service: the client's caller, deadline and trace with the service's name."""

    __slots__ = ("_board", "_service")

    def __init__(self, board: Switchboard, service: str) -> None:
        self._board, self._service = board, service

    async def call(self, method: Method, request: Any) -> Any:
        with acting(_passed_on(self._service)):
            return await self._board.call(method, request)

    def stream(self, method: Method, request: Any) -> AsyncIterator[Any]:
        by = _passed_on(self._service)
        with acting(by):
            return Stepwise(self._board.stream(method, request), by)


@runtime_checkable
class Closable(Protocol):
    def aclose(self) -> Awaitable[None]: ...


class Stepwise:
    """A stream whose every step acts as `by`, and leaves the reader's own context alone.

    `with acting(...)` inside a generator would leak into its reader between two steps, and its
    reset fails when the generator is closed from another task.
    """

    __slots__ = ("_by", "_stream")

    def __init__(self, stream: AsyncIterator[Any], by: Call) -> None:
        self._stream, self._by = stream, by

    def __aiter__(self) -> Stepwise:
        return self

    async def __anext__(self) -> Any:
        with acting(self._by):
            return await anext(self._stream)

    async def aclose(self) -> None:
        """Ends the generator behind it, wherever it runs."""
        if isinstance(self._stream, Closable):
            with acting(self._by):
                await self._stream.aclose()


class keyed:  # noqa: N801 - reads as a statement: `with keyed(...)`
    """`with keyed(checkout_id):` the calls made right here carry this idempotency key.

    The client's own key never travels on; and the callee's further calls do not carry this one,
    because it holds only for the very Call that was current here.
    """

    __slots__ = ("_key", "_token")

    def __init__(self, key: str) -> None:
        self._key = key

    def __enter__(self) -> None:
        self._token: Token[tuple[str, Call] | None] = _own_key.set((self._key, call()))

    def __exit__(self, *_: object) -> None:
        _own_key.reset(self._token)


_own_key: ContextVar[tuple[str, Call] | None] = ContextVar("own_key", default=None)


def _passed_on(service: str) -> Call:
    now = call()
    by = now.caller
    own = _own_key.get()
    return Call(
        Caller(
            by.user_id, by.roles, by.session_id, service, by.address, is_confirmed=by.is_confirmed
        ),
        now.deadline,
        now.trace_id,
        own[0] if own is not None and own[1] is now else "",
    )
