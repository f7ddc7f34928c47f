"""One gRPC call, served: who calls, what is asked, and the answer or the refusal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from typing import Any, NoReturn

import grpc
import grpc.aio
from google.protobuf.message import DecodeError
from msgspec import structs

from souk.kernel import status, validation, wire
from souk.kernel.admission import admit, at_the_edge, recorded
from souk.kernel.clock import monotonic
from souk.kernel.context import Call, Caller, acting, within
from souk.kernel.contract import Idempotency, Method, Rate
from souk.kernel.credentials import Credentials
from souk.kernel.identity import Seal, Verifier
from souk.kernel.limits import Limiter
from souk.kernel.refusals import (
    FieldError,
    IdempotencyKeyRequired,
    InvalidRequest,
    MalformedRequest,
    Refusal,
    Unavailable,
    Unexpected,
)
from souk.kernel.settings import Settings
from souk.kernel.telemetry import logger, metrics, traces
from souk.kernel.transport import is_sound_key

Metadata = Mapping[str, str | bytes]
Context = Any  # grpc.aio.ServicerContext: its stubs know less than it does
log = logger(__name__)


class Edge:
    """What every call meets on its way in."""

    def __init__(
        self, settings: Settings, seal: Seal, verifier: Verifier | Credentials, limiter: Limiter
    ) -> None:
        self._settings = settings
        self._seal, self._verifier, self._limiter = seal, verifier, limiter
        self.streams: set[asyncio.Task[Any]] = set()
        self.is_closed = False

    def close(self) -> None:
        """Refuses what is new and ends the streams: their clients come back elsewhere."""
        self.is_closed = True
        for task in tuple(self.streams):
            task.cancel()

    async def enter(self, method: Method, metadata: Metadata, context: Context) -> Call:
        """The Call a request belongs to; raises what refuses it."""
        if self.is_closed:
            raise Unavailable(service=method.owner)
        caller = await self._caller(method, metadata, context.peer())
        admit(method, caller)
        key = str(metadata.get(status.KEY, ""))
        _check_key(method, caller, key)
        seconds = context.time_remaining()
        if seconds is None and not method.streams:
            seconds = self._settings.request_timeout_seconds
        return Call(
            caller,
            None if seconds is None else within(seconds),
            traces.trace_id_of(str(metadata.get(status.TRACE, ""))),
            key,
        )

    async def _caller(self, method: Method, metadata: Metadata, peer: str) -> Caller:
        sealed = metadata.get(status.CALLER)
        if isinstance(sealed, bytes):
            return self._seal.open(sealed, method.path)
        address = _address_of(peer)
        caller = Caller(address=address)
        known: Caller | None = None
        if authorization := metadata.get(status.AUTHORIZATION):
            known = await self._verifier.verify_bearer(str(authorization))
        elif key := metadata.get(status.API_KEY):
            known = await self._verifier.verify(str(key))
        if known is not None:
            caller = structs.replace(at_the_edge(method, known), address=address)
        await self._spend(method.rate, caller)
        return caller

    async def must_still_hold(self, metadata: Metadata) -> None:
        """Raises SignInRequired where the access that a stream began with has ended."""
        authorization = metadata.get(status.AUTHORIZATION)
        if authorization and status.CALLER not in metadata:
            await self._verifier.verify_bearer(str(authorization))

    async def _spend(self, rate: Rate, caller: Caller) -> None:
        """Clients from outside have here the budget they have at the gateway."""
        limit = self._settings.rate_per_minute(rate)
        if not limit:
            return
        is_guess = rate is Rate.SIGN_IN
        who = caller.address if is_guess or not caller.user_id else caller.user_id
        await self._limiter.hit(
            f"grpc:{rate.value}:{who}", limit=limit, window_seconds=60, closed=is_guess
        )


def handler_of(method: Method, implementation: Any, edge: Edge) -> Any:
    """The method as gRPC wants it.

    Requests arrive as bytes and are read in here: one that cannot be read is the client's
    mistake, and gRPC's own deserializing would answer INTERNAL.
    """
    run = getattr(implementation, method.python)
    if method.streams:
        return grpc.unary_stream_rpc_method_handler(Stream(method, run, edge).serve)
    return grpc.unary_unary_rpc_method_handler(Unary(method, run, edge).serve)


class Served:
    """What both kinds of method share."""

    def __init__(self, method: Method, run: Callable[[Any], Any], edge: Edge) -> None:
        self.method, self.run, self.edge = method, run, edge
        _, self._decode, self._encode, _ = wire.codecs(method)

    def read(self, data: bytes) -> Any:
        """The request, valid; raises InvalidRequest that names all that is not."""
        try:
            request = self._decode(data)
        except DecodeError:
            raise MalformedRequest(reason="This is no message of the method's type.") from None
        except (ValueError, TypeError) as error:  # a promise of the struct itself, as oneof
            raise InvalidRequest(FieldError("", str(error))) from None
        errors = validation.check(request)
        if errors:
            raise InvalidRequest(*errors)
        return request

    def bug(self, error: Exception, trace_id: str) -> Refusal:
        log.error("rpc_failed", method=self.method.path, trace_id=trace_id, exc_info=error)
        return Unexpected()

    async def refuse(self, context: Context, refusal: Refusal) -> NoReturn:
        await context.abort(
            refusal.KIND.code, refusal.detail, trailing_metadata=status.trailers_of(refusal)
        )
        raise AssertionError("abort raises")

    def measure(self, begin: float, refusal: Refusal | None) -> None:
        code = "OK" if refusal is None else refusal.KIND.code.name
        metrics.rpc_seconds.observe(monotonic() - begin, self.method.path, code)


class Unary(Served):
    async def serve(self, data: bytes, context: Context) -> bytes:
        begin, trace_id = monotonic(), ""
        refusal: Refusal
        metadata = dict(context.invocation_metadata() or ())
        try:
            entered = await self.edge.enter(self.method, metadata, context)
            trace_id = entered.trace_id
            with acting(entered), self._span(metadata):
                request = self.read(data)
                with acting(recorded(self.method, request)):
                    answer: bytes = self._encode(await self.run(request))
            self.measure(begin, None)
            return answer
        except Refusal as error:
            refusal = error
        except Exception as error:  # noqa: BLE001 - a bug: told in the log, not to the client
            refusal = self.bug(error, trace_id)
        self.measure(begin, refusal)
        return await self.refuse(context, refusal)

    def _span(self, metadata: Metadata) -> Any:
        return traces.span(self.method.path, parent=str(metadata.get(status.TRACE, "")))


class Stream(Served):
    """Writes what the method yields; when the client goes away the generator is closed."""

    async def serve(self, data: bytes, context: Context) -> None:
        begin, trace_id = monotonic(), ""
        refusal: Refusal | None = None
        metadata = dict(context.invocation_metadata() or ())
        task = asyncio.current_task()
        assert task is not None
        self.edge.streams.add(task)
        try:
            entered = await self.edge.enter(self.method, metadata, context)
            trace_id = entered.trace_id
            with acting(entered):
                await self._write_all(self.run(self.read(data)), context, metadata)
        except Refusal as error:
            refusal = error
        except asyncio.CancelledError:
            if not self.edge.is_closed:
                raise
            refusal = Unavailable(service=self.method.owner)
        except Exception as error:  # noqa: BLE001 - a bug: told in the log, not to the client
            refusal = self.bug(error, trace_id)
        finally:
            self.edge.streams.discard(task)
        self.measure(begin, refusal)
        if refusal is not None:
            await self.refuse(context, refusal)

    async def _write_all(
        self, answers: AsyncIterator[Any], context: Context, metadata: Metadata
    ) -> None:
        async with aclosing(_closable(answers)) as messages:
            async for message in messages:
                await self.edge.must_still_hold(metadata)
                await context.write(self._encode(message))


def _closable(answers: AsyncIterator[Any]) -> Any:
    return answers if hasattr(answers, "aclose") else _generator(answers)


async def _generator(answers: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for answer in answers:
        yield answer


def _check_key(method: Method, caller: Caller, key: str) -> None:
    """People send a key with what must not happen twice; services name theirs in the request."""
    is_asked = method.idempotent is Idempotency.REQUIRED and not caller.is_service
    if (is_asked and not key) or not is_sound_key(key):
        raise IdempotencyKeyRequired()


def _address_of(peer: str) -> str:
    """`ipv4:203.0.113.7:51820` is 203.0.113.7."""
    kind, _, rest = peer.partition(":")
    if kind == "ipv4":
        return rest.rpartition(":")[0]
    if kind == "ipv6":
        return rest.replace("%5B", "[").replace("%5D", "]").rpartition(":")[0].strip("[]")
    return peer
