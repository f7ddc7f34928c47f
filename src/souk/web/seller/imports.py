"""A product sheet: looked through first, then brought in, with all that is wrong with it."""

from __future__ import annotations

from starlette.responses import Response

from souk.contracts.catalog import (
    ExportProductsRequest,
    GetImportRequest,
    Import,
    ImportNotFound,
    ImportProductsRequest,
)
from souk.kernel.refusals import InvalidRequest, Refusal
from souk.kernel.validation import read_values
from souk.web.forms import Form
from souk.web.seller.desk import Desk, desk_of
from souk.web.visit import Visit

KEPT_SECONDS = 1800.0  # from looking through a sheet to bringing it in
NAME_MAX = 255


async def blank(visit: Visit) -> Response:
    return (await desk_of(visit)).page("import.html", form=Form())


async def look_through(visit: Visit) -> Response:
    """Reads the sheet and changes nothing; it is kept for a while, to be brought in."""
    desk, form = await desk_of(visit), visit.form
    try:
        files = form.uploads("file")
        if not files:
            form.blame("file", visit.text("Choose a sheet first."))
            raise InvalidRequest()
        sheet = await files[0].read()
        begun = await visit.souk.catalog.import_products(
            ImportProductsRequest(
                shop_id=desk.shop.id,
                file=sheet,
                file_name=(files[0].filename or "")[:NAME_MAX],
                dry_run=True,
            )
        )
    except Refusal as refusal:
        form.refuse(refusal, NotAProductSheet="file")
        return desk.page("import.html", status=refusal.KIND.status, form=form)
    await visit.site.cache.set(kept_as(desk, begun.id), sheet, seconds=KEPT_SECONDS)
    return desk.go(f"/import/{begun.id}")


async def show(visit: Visit) -> Response:
    desk = await desk_of(visit)
    return desk.page("imported.html", found=await import_of(desk), form=Form())


async def bring_in(visit: Visit) -> Response:
    """The same sheet once more, for good; the same look leads to one import."""
    desk = await desk_of(visit)
    looked = await import_of(desk)
    sheet = await visit.site.cache.get(kept_as(desk, looked.id))
    if sheet is None:
        form = visit.form
        form.message = visit.text("That was a while ago, and the sheet is gone. Choose it again.")
        return desk.page("import.html", status=410, form=form)
    with visit.keyed(f"import {looked.id}"):
        begun = await visit.souk.catalog.import_products(
            ImportProductsRequest(shop_id=desk.shop.id, file=sheet, file_name="products.csv")
        )
    return desk.go(f"/import/{begun.id}")


async def export(visit: Visit) -> Response:
    """All products of the shop as a sheet that can be brought in again."""
    desk = await desk_of(visit)
    file = await visit.souk.catalog.export_products(ExportProductsRequest(shop_id=desk.shop.id))
    headers = {
        "content-disposition": f'attachment; filename="{desk.shop.slug}.csv"',
        "cache-control": "no-store",
    }
    return Response(file.content, media_type=file.content_type, headers=headers)


def kept_as(desk: Desk, import_id: str) -> str:
    return f"sheet:{desk.shop.id}:{import_id}"


async def import_of(desk: Desk) -> Import:
    """The import of the address. Raises ImportNotFound."""
    wanted = desk.visit.params["id"]
    try:
        request = read_values(GetImportRequest, {"shop_id": desk.shop.id, "import_id": wanted})
    except InvalidRequest:
        raise ImportNotFound(import_id=wanted[:100]) from None
    found: Import = await desk.visit.souk.catalog.get_import(request)
    return found
