"""The real sheets, handed in through the client and worked."""

from pathlib import Path

from souk.contracts.catalog import ImportStatus

SHEETS = Path("/work/shared/data/shopify")


async def test_smoke(market, seller):
    p = await market.create(seller, "Crème Brûlée", category="food/sweets", tags=("A, b", "a"))
    print(p)
    assert await market.get(p.slug) == p
    for f in ("apparel.csv", "home-and-garden.csv"):
        d = await market.import_sheet(seller, (SHEETS / f).read_bytes())
        print(d)
        assert d.status is ImportStatus.DONE
        d = await market.import_sheet(seller, (SHEETS / f).read_bytes())
        print(d)
    out = await market.export(seller)
    print(out.decode()[:3000])
    d = await market.import_sheet(seller, out)
    print(d)
