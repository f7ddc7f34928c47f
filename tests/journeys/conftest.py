"""One running Souk of each shape, for all journeys."""

import pytest

from tests.support.stack import running


@pytest.fixture(scope="session", params=["together", "split"])
async def stack(request):
    async with running(split=request.param == "split") as stack:
        yield stack


@pytest.fixture
async def http(stack):
    async with stack.http() as client:
        yield client


def pytest_collection_modifyitems(items):
    """Each shape on one worker: starting it twice would take longer than the tests."""
    for item in items:
        if "journeys" in item.path.parts:
            shape = "split" if "[split" in item.name else "together"
            item.add_marker(pytest.mark.xdist_group(f"journeys-{shape}"))
            # The client's own sockets, where Souk shut the door on a body that was too large.
            ignored = "ignore::pytest.PytestUnraisableExceptionWarning"
            item.add_marker(pytest.mark.filterwarnings(ignored))
