"""What a running Souk tells: lines without people, figures of all workers, traces that join."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from souk.kernel.context import Call, acting
from souk.kernel.settings import Settings
from souk.kernel.telemetry import configure, logger, metrics, span, traces
from souk.kernel.telemetry.logs import configure as configure_logs

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def logs() -> Iterator[None]:
    """Puts pytest's own log handlers back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    configure_logs()
    root.handlers[:] = handlers


def lines(captured: Any) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in captured.err.splitlines()]


async def test_a_line_is_json_with_its_trace_and_service(logs: None, capsys: Any) -> None:
    configure_logs(service="orders")
    with acting(Call(trace_id=TRACE)):
        logger("souk.orders").info("order_placed", order_id="o-1", total=1999)

    (line,) = lines(capsys.readouterr())
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "order_placed", "level": "info", "module": "souk.orders", "service": "orders",
        "trace_id": TRACE, "order_id": "o-1", "total": 1999,
    }  # fmt: skip


async def test_people_are_taken_out_of_lines(logs: None, capsys: Any) -> None:
    configure_logs()
    logger("souk").info("signed_in", user_id="u-1", email="ada@example.com", password="hunter2")

    told = capsys.readouterr().err
    assert "u-1" in told
    assert "ada@example.com" not in told
    assert "hunter2" not in told


@pytest.mark.parametrize("form", ["json", "console"])
async def test_an_error_shows_its_trace_but_no_variables(
    logs: None, capsys: Any, form: str
) -> None:
    configure_logs(form=form)
    secret = "hunter" + "2"
    try:
        len(secret) // 0
    except ZeroDivisionError:
        logger("souk").exception("failed")

    told = capsys.readouterr().err
    assert "ZeroDivisionError" in told
    assert "test_telemetry.py" in told
    assert "hunter2" not in told


async def test_lines_of_libraries_look_the_same(logs: None, capsys: Any) -> None:
    configure_logs(service="users")
    with acting(Call(trace_id=TRACE)):
        logging.getLogger("granian").warning("worker %d is late", 3)

    (line,) = lines(capsys.readouterr())
    assert (line["event"], line["module"], line["level"]) == (
        "worker 3 is late", "granian", "warning",
    )  # fmt: skip
    assert (line["service"], line["trace_id"]) == ("users", TRACE)


async def test_lines_below_the_level_are_not_written(logs: None, capsys: Any) -> None:
    configure_logs(level="warning")

    logger("souk").info("quiet")
    logger("souk").warning("loud")

    assert [line["event"] for line in lines(capsys.readouterr())] == ["loud"]


async def test_a_value_that_is_no_json_is_told_as_text(logs: None, capsys: Any) -> None:
    configure_logs()

    logger("souk").info("seen", path=Path("/tmp"), error=ValueError("no"))

    (line,) = lines(capsys.readouterr())
    assert (line["path"], line["error"]) == ("/tmp", "no")


async def test_figures_of_one_process_are_kept_in_memory() -> None:
    metrics.rpc_seconds.observe(0.004, "/souk.test.v1.Test/Get", "OK")
    metrics.consumer_outcomes.add("test.reaction", "done", amount=2)
    metrics.pool_connections.set(3, "test", "busy")

    body, content_type = metrics.render()

    text = body.decode()
    assert content_type.startswith("text/plain")
    assert 'souk_rpc_seconds_bucket{le="0.005",method="/souk.test.v1.Test/Get",status="OK"}' in text
    assert 'souk_consumer_outcomes_total{consumer="test.reaction",outcome="done"} 2.0' in text
    assert 'souk_pool_connections{database="test",state="busy"} 3.0' in text


WORKER = textwrap.dedent("""
    import sys
    from souk.kernel.telemetry import metrics
    metrics.job_outcomes.add("sweep", "done", amount=int(sys.argv[1]))
    metrics.rpc_seconds.observe(0.002, "/a", "OK")
    metrics.pool_connections.set(int(sys.argv[1]), "orders", "busy")
    metrics.outbox_waiting.set(int(sys.argv[1]), "orders")
    print("ready", flush=True)
    if sys.stdin.readline().strip() == "render":
        print(metrics.render()[0].decode(), flush=True)
        sys.stdin.readline()
""")


def worker(number: int) -> subprocess.Popen[str]:
    started = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT / "src")},
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def test_any_worker_tells_the_figures_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(metrics.FOLDER, "")
    folder = metrics.share(tmp_path, "8080")
    workers = [worker(number) for number in (1, 2, 4)]
    dead = workers.pop()
    dead.kill()
    dead.communicate()

    told, _ = workers[0].communicate("render\n\n")
    workers[1].communicate("end\n")

    assert folder.is_relative_to(tmp_path / "run")
    assert 'souk_job_outcomes_total{job="sweep",outcome="done"} 7.0' in told
    assert 'souk_rpc_seconds_count{method="/a",status="OK"} 3.0' in told
    # What a dead worker counted still counts; what it had open is open no more.
    assert 'souk_pool_connections{database="orders",state="busy"} 3.0' in told
    assert 'souk_outbox_waiting{service="orders"} 2.0' in told


def test_a_new_start_counts_from_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(metrics.FOLDER, "")
    metrics.share(tmp_path, "8080")
    first = worker(5)
    first.communicate("end\n")

    metrics.share(tmp_path, "8080")
    second = worker(1)
    told, _ = second.communicate("render\n\n")

    assert 'souk_job_outcomes_total{job="sweep",outcome="done"} 1.0' in told


async def test_a_trace_goes_on_across_processes() -> None:
    sent = traces.traceparent(TRACE)

    assert traces.trace_id_of(sent) == TRACE
    assert traces.traceparent(TRACE) != sent


@pytest.mark.parametrize(
    "nonsense",
    ["", "00", TRACE, f"00-{'0' * 32}-{'1' * 16}-01", f"00-{TRACE}-{'0' * 16}-01",
     f"00-{TRACE.upper()}-{'1' * 16}-01", f"00-{TRACE}-{'1' * 16}-01\n", "é" * 55],
)  # fmt: skip
async def test_nonsense_for_a_trace_begins_a_new_one(nonsense: str) -> None:
    found = traces.trace_id_of(nonsense)

    assert len(found) == 32
    assert found != TRACE
    assert int(found, 16)


async def test_spans_reach_the_collector_under_the_calls_trace() -> None:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    bodies: list[bytes] = []

    async def collect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        bodies.append(head + await reader.readexactly(size))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(collect, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    traces.configure(endpoint=f"http://127.0.0.1:{port}", service="orders")

    with acting(Call(trace_id=TRACE)), span("checkout", shop_id="s-1"):
        with span("price_it"):
            passed_on = traces.traceparent(TRACE)
        with span("remote", parent=f"00-{TRACE}-{'ab' * 8}-01"):
            pass
    await traces.stop()
    server.close()
    await server.wait_closed()

    head, _, body = bodies[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/traces ")
    (resource,) = ExportTraceServiceRequest.FromString(body).resource_spans
    spans = {sent.name: sent for sent in resource.scope_spans[0].spans}
    assert {sent.trace_id.hex() for sent in spans.values()} == {TRACE}
    assert spans["price_it"].parent_span_id == spans["checkout"].span_id
    assert spans["remote"].parent_span_id.hex() == "ab" * 8
    assert passed_on == f"00-{TRACE}-{spans['price_it'].span_id.hex()}-01"


def test_without_a_collector_opentelemetry_is_not_even_imported() -> None:
    program = textwrap.dedent("""
        import sys
        from souk.kernel.settings import Settings
        from souk.kernel.telemetry import configure, span, logger
        configure(Settings())
        with span("anything"):
            logger("x").info("done")
        heavy = [name for name in ("opentelemetry", "prometheus_client") if name in sys.modules]
        assert not heavy, heavy
    """)
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT / "src")},
    )

    assert done.returncode == 0, done.stderr


async def test_settings_say_how_lines_look(logs: None, capsys: Any) -> None:
    configure(Settings(log_format="console", log_level="error"), service="users")

    logger("souk").warning("quiet")
    logger("souk").error("loud")

    told = capsys.readouterr().err
    assert "loud" in told
    assert "quiet" not in told
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(told)
