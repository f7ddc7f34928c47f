"""How long a large sheet takes, and how much memory: printed, and run only when asked for.

SOUK_BIG=20000 pytest -n0 -s tests/services/catalog/test_shopify_big.py
"""

import os
import resource

import pytest

from souk.kernel.clock import monotonic
from tests.services.catalog.sheets import head, more, sheet, sized

ROWS = int(os.environ.get("SOUK_BIG", "0"))


def memory_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


@pytest.mark.skipif(not ROWS, reason="takes long: set SOUK_BIG to a number of rows")
@pytest.mark.timeout(900)
async def test_a_large_sheet_goes_in(market, seller):
    rows = []
    for number in range(ROWS // 4):
        handle = f"product-{number}"
        text = {"body": "<p>Soft and warm</p>", "type": f"c{number % 50}/d", "tags": "a, b"}
        rows.append(sized(handle, sku=f"{handle}-s", image=f"https://x/{number}.jpg", **text))
        rows += [more(size, handle, sku=f"{handle}-{size}") for size in ("M", "L")]
        rows.append(head(f"single-{number}", grams=number))
    content = sheet(*rows)
    print(f"\n{len(rows)} rows, {len(content) >> 10} KiB; {memory_mb()} MB before")
    for what in ("first", "second"):
        start = monotonic()
        begun = await market.begin_import(seller, content)
        answered = monotonic()
        await market.host.run_job("work_imports")
        ended = monotonic()
        done = await market.look_at_import(seller, begun.id)
        assert (done.status.value, done.failed) == ("done", 0)
        print(
            f"{what}: answer after {answered - start:.2f} s, work {ended - answered:.1f} s, "
            f"{done.created} created, {done.updated} updated, peak {memory_mb()} MB"
        )
    start = monotonic()
    out = await market.export(seller)
    print(f"export: {monotonic() - start:.1f} s, {len(out) >> 10} KiB, peak {memory_mb()} MB")
