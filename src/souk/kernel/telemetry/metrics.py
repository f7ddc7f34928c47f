"""Figures for Prometheus, of all worker processes together.

Workers share one port (SO_REUSEPORT), so a scrape reaches any one of them. Each therefore writes
its figures into memory-mapped files of its own in a folder they share, `run/metrics-<group>` under
SOUK_HOME, and whichever is asked adds all of them up (prometheus_client's multiprocess mode).
`share()` must be called by whoever starts the workers, before it does; a process alone keeps its
figures in memory. Counters of a worker that died still count; its gauges do not.
"""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


def share(home: Path, group: str) -> Path:
    """Lets this process and those it starts keep their figures together, from zero."""
    folder = home / "run" / f"metrics-{group}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ[FOLDER] = str(folder.resolve())
    return folder


class Instrument:
    """A figure under a name, one for each combination of labels. Built when it is first used:
    prometheus_client decides on its import whether figures are shared."""

    kind = "Counter"
    options: dict[str, Any] = {}  # noqa: RUF012 - never written

    def __init__(self, name: str, description: str, *labels: str) -> None:
        self._name, self._description, self._labels = name, description, labels
        self._built: Any = None
        self._children: dict[tuple[str, ...], Any] = {}

    def _child(self, labels: tuple[str, ...]) -> Any:
        found = self._children.get(labels)
        if found is None:
            found = self._children[labels] = self._whole().labels(*labels)
        return found

    def _whole(self) -> Any:
        if self._built is None:
            import prometheus_client

            self._built = getattr(prometheus_client, self.kind)(
                self._name, self._description, self._labels, registry=_registry(), **self.options
            )
        return self._built


class Counter(Instrument):
    def add(self, *labels: str, amount: float = 1) -> None:
        self._child(labels).inc(amount)


class Gauge(Instrument):
    """Added up over the processes that live."""

    kind = "Gauge"
    options = {"multiprocess_mode": "livesum"}  # noqa: RUF012 - never written

    def set(self, value: float, *labels: str) -> None:
        self._child(labels).set(value)


class Level(Gauge):
    """The highest of the processes that live: each measures the same thing."""

    options = {"multiprocess_mode": "livemax"}  # noqa: RUF012 - never written


class Histogram(Instrument):
    kind = "Histogram"
    options = {"buckets": SECONDS}  # noqa: RUF012 - never written

    def observe(self, seconds: float, *labels: str) -> None:
        self._child(labels).observe(seconds)


rpc_seconds = Histogram("souk_rpc_seconds", "Served gRPC calls.", "method", "status")
http_seconds = Histogram("souk_http_seconds", "Served HTTP requests.", "method", "status")
outbox_waiting = Level("souk_outbox_waiting", "Events not yet published.", "service")
events_published = Counter("souk_events_published", "Events the broker has.", "service")
consumer_outcomes = Counter("souk_consumer_outcomes", "Events handled.", "consumer", "outcome")
saga_outcomes = Counter("souk_saga_outcomes", "Sagas that ended.", "saga", "outcome")
job_outcomes = Counter("souk_job_outcomes", "Periodic jobs that ran.", "job", "outcome")
pool_connections = Gauge("souk_pool_connections", "Open connections.", "database", "state")
cache_outcomes = Counter("souk_cache_outcomes", "Answers of the cache.", "outcome")
breaker_open = Level("souk_breaker_open", "Whether a remote service is left alone.", "service")


def render() -> tuple[bytes, str]:
    """The figures of all processes as text, and its content type."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    if FOLDER not in os.environ:
        return generate_latest(_registry()), CONTENT_TYPE_LATEST
    _forget_the_dead(Path(os.environ[FOLDER]))
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together), CONTENT_TYPE_LATEST


@cache
def _registry() -> CollectorRegistry:
    from prometheus_client import CollectorRegistry

    return CollectorRegistry()


def _forget_the_dead(folder: Path) -> None:
    """Takes away the gauges of workers that were killed before they could do so."""
    from prometheus_client.multiprocess import mark_process_dead

    for pid in {path.stem.rpartition("_")[2] for path in folder.glob("gauge_live*_*.db")}:
        if not _lives(int(pid)):
            mark_process_dead(int(pid), str(folder))  # type: ignore[no-untyped-call]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
