"""Who is asking, and what they may."""

from __future__ import annotations

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from souk.gateway.callers import Callers
from souk.kernel.telemetry.traces import Tracing
from tests.gateway.conftest import World, world
from tests.gateway.fake_contract import BOOK_ID
from tests.support.tokens import Issuer

LOANS = "/api/v1/loans"
LEND = f"/api/v1/books/{BOOK_ID}/loans"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


async def test_a_good_token_names_the_caller(api: httpx.AsyncClient, souk: World) -> None:
    seen = (await api.get(LOANS, headers=souk.bearer("customer", "seller", sub="u-1"))).json()
    assert (seen["user_id"], seen["roles"]) == ("u-1", ["customer", "seller"])
    assert seen["address"] == "203.0.113.7"
    assert seen["has_deadline"]


async def test_nobody_is_asked_to_sign_in(api: httpx.AsyncClient, souk: World) -> None:
    answer = await api.get(LOANS)
    assert answer.status_code == 401
    assert answer.json()["code"] == "SignInRequired"
    assert answer.headers["www-authenticate"] == 'Bearer realm="souk"'
    assert not souk.library.calls


async def test_a_role_that_does_not_fit_is_not_allowed(api: httpx.AsyncClient, souk: World) -> None:
    answer = await api.get(LOANS, headers=souk.bearer("courier"))
    assert answer.status_code == 403
    assert answer.json()["code"] == "NotAllowed"


@pytest.mark.parametrize("path", ["/api/v1/books", LOANS])
@pytest.mark.parametrize("how", ["expired", "foreign", "none", "nonsense", "basic", "empty"])
async def test_a_bad_token_is_refused_even_where_none_is_needed(
    api: httpx.AsyncClient, souk: World, path: str, how: str
) -> None:
    issuer = souk.issuer
    unsigned = issuer.token(issuer.header(alg="none"))
    given = {
        "expired": f"Bearer {issuer.token(exp=1)}",
        "foreign": f"Bearer {Issuer().token()}",
        "none": f"Bearer {unsigned}",
        "nonsense": "Bearer abc",
        "basic": "Basic YTpi",
        "empty": "Bearer ",
    }[how]
    answer = await api.get(path, headers={"Authorization": given})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="souk", error="invalid_token"'
    assert not souk.library.calls


async def test_access_is_checked_before_the_body_is_read(souk: World) -> None:
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        # Asked for only to be thrown away, so that a client which still sends hears the answer.
        assert sent, "the body was asked for before the answer was on its way"
        return {"type": "http.request", "body": b"x" * 99, "more_body": False}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/v1/books", "query_string": b"",
             "headers": [(b"content-length", b"99")], "client": ("203.0.113.7", 1)}  # fmt: skip
    await souk.gateway(scope, receive, send)
    assert sent[0]["status"] == 401


async def test_an_internal_method_is_not_there(api: httpx.AsyncClient, souk: World) -> None:
    answer = await api.get("/api/v1/internal/count", headers=souk.bearer("admin"))
    assert answer.status_code == 404


async def test_a_key_travels_with_the_call(api: httpx.AsyncClient) -> None:
    answer = await api.put("/api/v1/books/7/touch", headers={"Idempotency-Key": " order 7 "})
    assert answer.json()["key"] == "order 7"


async def test_a_required_key_that_is_missing_is_asked_for(
    api: httpx.AsyncClient, souk: World
) -> None:
    answer = await api.post(LEND, json={"days": 3}, headers=souk.bearer())
    assert answer.status_code == 400
    assert answer.json()["code"] == "IdempotencyKeyRequired"


@pytest.mark.parametrize("key", ["", "x" * 256, "caf\u00e9", "a\tb"])
async def test_a_key_that_is_none_is_refused(api: httpx.AsyncClient, souk: World, key: str) -> None:
    headers = httpx.Headers({**souk.bearer(), "Idempotency-Key": key}, encoding="latin-1")
    answer = await api.post(LEND, json={"days": 3}, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["code"] == "IdempotencyKeyRequired"


async def test_a_key_means_nothing_where_none_is_honoured(
    api: httpx.AsyncClient, souk: World
) -> None:
    answer = await api.get(LOANS, headers={**souk.bearer(), "Idempotency-Key": "x" * 300})
    assert answer.json()["key"] == ""


async def test_a_trace_that_the_client_began_goes_on(api: httpx.AsyncClient, souk: World) -> None:
    parent = f"00-{TRACE}-00f067aa0ba902b7-01"
    answer = await api.get(LOANS, headers={**souk.bearer(), "traceparent": parent})
    assert answer.json()["trace_id"] == TRACE
    version, trace, span, _ = answer.headers["traceparent"].split("-")
    assert (version, trace) == ("00", TRACE)
    assert span not in ("00f067aa0ba902b7", "0" * 16)


@pytest.mark.parametrize(
    "parent", ["", "00-xyz-00f067aa0ba902b7-01", f"ff-{TRACE}-00f067aa0ba902b7-01",
               f"00-{'0' * 32}-00f067aa0ba902b7-01"],
)  # fmt: skip
async def test_a_trace_that_is_none_is_begun_anew(
    api: httpx.AsyncClient, souk: World, parent: str
) -> None:
    seen = await api.get(LOANS, headers={**souk.bearer(), "traceparent": parent})
    trace = seen.json()["trace_id"]
    assert len(trace) == 32
    assert trace not in (TRACE, "0" * 32)


async def test_traces_of_two_requests_differ(api: httpx.AsyncClient) -> None:
    seen = {(await api.get("/health")).headers["traceparent"] for _ in range(20)}
    assert len(seen) == 20


async def test_a_request_id_comes_back_when_it_is_harmless(api: httpx.AsyncClient) -> None:
    answer = await api.get("/health", headers={"X-Request-Id": "client-7.a:b"})
    assert answer.headers["x-request-id"] == "client-7.a:b"


async def test_a_request_id_that_is_odd_is_replaced_by_the_trace(api: httpx.AsyncClient) -> None:
    for odd in ("", "a b", "x" * 129, "<script>"):
        answer = await api.get("/health", headers={"X-Request-Id": odd})
        assert answer.headers["x-request-id"] == answer.headers["traceparent"].split("-")[1]


async def test_an_address_told_by_a_stranger_counts_for_nothing(
    api: httpx.AsyncClient, souk: World
) -> None:
    headers = {**souk.bearer(), "X-Forwarded-For": "198.51.100.1"}
    assert (await api.get(LOANS, headers=headers)).json()["address"] == "203.0.113.7"


@pytest.mark.parametrize(
    ("peer", "told", "address"),
    [
        ("10.0.0.1", [b"198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", [b"1.2.3.4, 198.51.100.1", b"10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", [b"2001:db8::1"], "2001:db8::1"),
        ("10.0.0.1", [b"nonsense"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("203.0.113.7", [b"198.51.100.1"], "203.0.113.7"),
    ],
)
def test_an_address_told_by_a_trusted_proxy_counts(
    souk: World, peer: str, told: list[bytes], address: str
) -> None:
    async def keys() -> list[object]:
        return []

    callers = Callers(None, ["10.0.0.0/8"])  # type: ignore[arg-type] - it verifies nothing here
    headers = [(b"x-forwarded-for", hop) for hop in told]
    assert callers.address_of({"client": (peer, 1), "headers": headers}) == address


async def test_when_the_keys_cannot_be_had_nobody_is_let_in() -> None:
    made = world()

    async def no_keys() -> list[object]:
        from souk.kernel.refusals import Unavailable

        raise Unavailable(service="users")

    from souk.kernel.clock import SystemClock
    from souk.kernel.identity import Verifier

    made.gateway._callers._verifier = Verifier(no_keys, SystemClock())  # type: ignore[arg-type]
    async with made.client() as client:
        answer = await client.get(LOANS, headers=made.bearer())
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"


async def test_a_span_is_told_by_its_own_id(
    api: httpx.AsyncClient, souk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(Tracing, "tracer", provider.get_tracer("test"))
    parent = f"00-{TRACE}-00f067aa0ba902b7-01"
    answer = await api.get("/api/v1/books/7?", headers={"traceparent": parent})
    [span] = exporter.get_finished_spans()
    assert span.name == "GET /api/v1/books/{book_id}"
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == TRACE
    assert f"{span.context.span_id:016x}" == answer.headers["traceparent"].split("-")[2]
