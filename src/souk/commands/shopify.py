"""`souk import shopify` and `souk export shopify`: a shop's goods as a Shopify product sheet."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from souk.commands.console import as_operator, reached
from souk.commands.terminal import Progress, complain, say, table
from souk.contracts.catalog import (
    CatalogServiceClient,
    ExportProductsRequest,
    GetImportRequest,
    Import,
    ImportProductsRequest,
    ImportStatus,
)
from souk.contracts.shops import GetShopRequest, ShopServiceClient
from souk.kernel.context import acting
from souk.kernel.refusals import Refusal
from souk.kernel.settings import Settings
from souk.kernel.transport import Switchboard

POLL_SECONDS = 0.2


def import_goods(settings: Settings, file: Path, *, shop: str, dry_run: bool) -> int:
    """0 when every row went in, 1 when some did not or all were refused."""
    try:
        sheet = file.read_bytes()
    except OSError as error:
        complain(f"{file}: {error.strerror}")
        return 2
    try:
        done = asyncio.run(_import(settings, sheet, file.name, shop=shop, dry_run=dry_run))
    except Refusal as refusal:
        complain(str(refusal))
        return 1
    _tell(done)
    return 0 if done.status is ImportStatus.DONE and not done.failed else 1


def export_goods(settings: Settings, *, shop: str) -> int:
    """Writes the sheet to standard output, and nothing else."""
    try:
        sheet = asyncio.run(_export(settings, shop))
    except Refusal as refusal:
        complain(str(refusal))
        return 1
    sys.stdout.buffer.write(sheet)
    sys.stdout.flush()
    return 0


async def _import(
    settings: Settings, sheet: bytes, name: str, *, shop: str, dry_run: bool
) -> Import:
    async with AsyncExitStack() as stack:
        board = await reached(settings, stack)
        catalog = CatalogServiceClient(board)
        shop_id = await _shop_id(board, shop)
        with acting(as_operator()):
            now = await catalog.import_products(
                ImportProductsRequest(
                    shop_id=shop_id,
                    file=sheet,
                    file_name=name,
                    content_type="text/csv",
                    dry_run=dry_run,
                )
            )
        with Progress(name, now.rows) as progress:
            seen = 0
            while now.status is ImportStatus.RUNNING:
                await asyncio.sleep(POLL_SECONDS)
                with acting(as_operator()):
                    now = await catalog.get_import(
                        GetImportRequest(shop_id=shop_id, import_id=now.id)
                    )
                progress.step(f"{now.failed} refused", count=now.rows_done - seen)
                seen = now.rows_done
        return now


async def _export(settings: Settings, shop: str) -> bytes:
    async with AsyncExitStack() as stack:
        board = await reached(settings, stack)
        shop_id = await _shop_id(board, shop)
        with acting(as_operator()):
            sheet = await CatalogServiceClient(board).export_products(
                ExportProductsRequest(shop_id=shop_id)
            )
        return sheet.content


async def _shop_id(board: Switchboard, slug: str) -> str:
    with acting(as_operator()):
        return (await ShopServiceClient(board).get_shop(GetShopRequest(shop_id=slug))).id


def _tell(done: Import) -> None:
    would = "would be " if done.dry_run else ""
    say(
        f"{done.rows} rows: {done.created} products {would}created, "
        f"{done.updated} {would}updated, {done.failed} rows refused"
    )
    if done.errors:
        rows = [("row", "column", "why")]
        table([*rows, *((str(wrong.row), wrong.field, wrong.message) for wrong in done.errors)])
