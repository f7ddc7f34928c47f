"""The catalog, as the gateway and other services see it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from operator import attrgetter

from souk.contracts.catalog import (
    AddProductMediaRequest,
    BrowsedProducts,
    BrowseProductsRequest,
    CatalogService,
    Category,
    CategoryList,
    CreateCategoryRequest,
    CreateProductRequest,
    DeleteProductRequest,
    ExportProductsRequest,
    GetCategoryRequest,
    GetImportRequest,
    GetOffersRequest,
    GetProductRequest,
    GetProductVariantsRequest,
    Import,
    ImportNotFound,
    ImportProductsRequest,
    ListCategoriesRequest,
    ListProductsRequest,
    ListShopProductsRequest,
    ListShopVariantsRequest,
    NotYourShop,
    OfferList,
    Product,
    ProductCard,
    ProductNotFound,
    ProductPage,
    RemoveProductMediaRequest,
    SaveVariantsRequest,
    SetPriceRequest,
    SkuTaken,
    UpdateProductRequest,
    VariantList,
)
from souk.contracts.inventory import NewStock
from souk.kernel.clock import Clock
from souk.kernel.contract import Empty, File
from souk.kernel.database import Database, Transaction
from souk.kernel.personal_data import PersonalDataRpc
from souk.kernel.rows import structs_from
from souk.kernel.together import Lookup
from souk.services.catalog import queries
from souk.services.catalog.browsing import Browser
from souk.services.catalog.darkroom import Darkroom
from souk.services.catalog.door import Door
from souk.services.catalog.listing import Listing
from souk.services.catalog.model import NewProduct, new_product
from souk.services.catalog.rows import ProductRow
from souk.services.catalog.shopify.sheet import Sheet
from souk.services.catalog.stockroom import Stockroom
from souk.services.catalog.totals import Totals, Tree
from souk.services.catalog.use_cases import import_products
from souk.services.catalog.use_cases.change_images import add_image, remove_image
from souk.services.catalog.use_cases.create_category import create_category
from souk.services.catalog.use_cases.create_product import create_product
from souk.services.catalog.use_cases.delete_product import delete_product
from souk.services.catalog.use_cases.export_products import export_products
from souk.services.catalog.use_cases.import_products import NewImport
from souk.services.catalog.use_cases.save_variants import Plan, plan_for, save_variants
from souk.services.catalog.use_cases.set_price import set_price
from souk.services.catalog.use_cases.update_product import update_product


class CatalogRpc(PersonalDataRpc, CatalogService):
    """Products, their variants and categories."""

    def __init__(
        self,
        database: Database,
        door: Door,
        stockroom: Stockroom,
        clock: Clock,
        *,
        darkroom: Darkroom,
        wake_importer: Callable[[], None],
    ) -> None:
        self.database, self.door, self.stockroom, self.clock = database, door, stockroom, clock
        self.wake_importer, self.darkroom = wake_importer, darkroom
        self.totals, self.tree = Totals(), Tree(database)
        self.browser = Browser(database)
        # Whoever fills or pays for a cart asks, so under load many ask at the same moment.
        self.offers = Lookup(
            partial(queries.list_offers, database),
            attrgetter("variant_id"),
            at_once_max=queries.OFFERS_MAX,
        )

    async def list_products(self, request: ListProductsRequest) -> ProductPage:
        return await self._page(
            Listing(
                page=request.page or 1,
                size=request.page_size or 20,
                category=request.category,
                shop_id=request.shop_id,
                text=request.q,
                sort=request.sort,
                cursor=request.cursor,
            )
        )

    async def list_shop_products(self, request: ListShopProductsRequest) -> ProductPage:
        return await self._page(
            Listing(
                page=request.page or 1,
                size=request.page_size or 20,
                category=request.category,
                shop_id=request.shop_id,
                text=request.q,
                sort=request.sort,
                cursor=request.cursor,
                status=request.status or "",
                is_public=not await self.door.lets_in(request.shop_id),
            )
        )

    async def browse_products(self, request: BrowseProductsRequest) -> BrowsedProducts:
        return await self.browser.browse(request)

    async def get_product(self, request: GetProductRequest) -> Product:
        row = await self._row_for_all(request.product_id, shop_id=request.shop_id)
        return row.view(await self._available(row))

    async def get_product_variants(self, request: GetProductVariantsRequest) -> VariantList:
        row = await self._row_for_all(request.product_id)
        return VariantList(items=row.variant_views(await self._available(row)))

    async def create_product(self, request: CreateProductRequest) -> Product:
        async def plan() -> NewProduct:
            new = new_product(request, await self.door.shop(request.shop_id))
            variants = new.draft.variants
            taken = await queries.find_skus(
                self.database, shop_id=request.shop_id, skus=[each.sku for each in variants]
            )
            if taken:
                raise SkuTaken(sku=min(taken))
            # Before the product is there, so that nobody ever meets one without stock.
            await self.stockroom.put(
                [
                    NewStock(
                        variant_id=variant.id,
                        product_id=new.draft.id,
                        shop_id=request.shop_id,
                        sku=variant.sku,
                        on_hand=new.stock[variant.id],
                    )
                    for variant in variants
                ],
                reason="new product",
            )
            return new

        async def put_on_sale(tx: Transaction, new: NewProduct) -> Product:
            return await create_product(tx, new, now=self.clock.now())

        product = await self.database.once_planned(Product, request, plan, put_on_sale)
        self.tree.expect(product.category)
        return product

    async def update_product(self, request: UpdateProductRequest) -> Product:
        await self._must_be_theirs(request.product_id, shop_id=request.shop_id)
        row = await self.database.transact(update_product, request, now=self.clock.now())
        self.tree.expect(row.category)
        return row.view(await self._available(row))

    async def add_product_media(self, request: AddProductMediaRequest) -> Product:
        await self._must_be_theirs(request.product_id)
        image = await self.darkroom.develop(request)
        row = await self.database.transact(
            add_image, request.product_id, image, now=self.clock.now()
        )
        return row.view(await self._available(row))

    async def remove_product_media(self, request: RemoveProductMediaRequest) -> Empty:
        await self._must_be_theirs(request.product_id)
        await self.database.transact(
            remove_image, request.product_id, request.media_id, now=self.clock.now()
        )
        await self.darkroom.discard(request.media_id)
        return Empty()

    async def delete_product(self, request: DeleteProductRequest) -> Empty:
        await self._must_be_theirs(request.product_id, shop_id=request.shop_id)
        await self.database.transact(delete_product, request.product_id, now=self.clock.now())
        return Empty()

    async def set_price(self, request: SetPriceRequest) -> Product:
        await self._must_be_theirs(request.product_id)
        row = await self.database.transact(set_price, request, now=self.clock.now())
        return row.view(await self._available(row))

    async def save_variants(self, request: SaveVariantsRequest) -> Product:
        async def plan() -> Plan:
            row = await self._must_be_theirs(request.product_id)
            planned = plan_for(request, await self._available(row))
            after = planned.after(row.draft())
            taken = await queries.find_skus(
                self.database, shop_id=row.shop_id, skus=[each.sku for each in after.variants]
            )
            if elsewhere := [sku for sku, product_id in taken.items() if product_id != row.id]:
                raise SkuTaken(sku=min(elsewhere))
            await self.stockroom.put(planned.new_stock(after), reason="new variant")
            return planned

        async def save(tx: Transaction, planned: Plan) -> Product:
            return await save_variants(tx, planned, now=self.clock.now())

        return await self.database.once_planned(Product, request, plan, save)

    async def list_shop_variants(self, request: ListShopVariantsRequest) -> OfferList:
        if not await self.door.lets_in(request.shop_id):
            raise NotYourShop(shop_id=request.shop_id)
        found = await self.offers(request.variant_ids)
        return OfferList(items=tuple(one for one in found if one.shop_id == request.shop_id))

    async def list_categories(self, request: ListCategoriesRequest) -> CategoryList:
        return CategoryList(items=await self.tree.list())

    async def create_category(self, request: CreateCategoryRequest) -> Category:
        category = await self.database.transact(create_category, request)
        self.tree.expect(category.path)
        return category

    async def get_category(self, request: GetCategoryRequest) -> Category:
        return await queries.get_category(self.database, request.category_id)

    async def import_products(self, request: ImportProductsRequest) -> Import:
        async def plan() -> NewImport:
            shop = await self.door.shop(request.shop_id)
            rows = await asyncio.to_thread(lambda: Sheet(request.file).count())
            return NewImport(shop=shop, file=request.file, rows=rows, dry_run=request.dry_run)

        async def begin(tx: Transaction, new: NewImport) -> Import:
            return await import_products.import_products(tx, new, now=self.clock.now())

        begun = await self.database.once_planned(Import, request, plan, begin)
        self.wake_importer()
        return begun

    async def get_import(self, request: GetImportRequest) -> Import:
        if not await self.door.lets_in(request.shop_id):
            raise ImportNotFound(import_id=request.import_id)
        return await queries.get_import(
            self.database, shop_id=request.shop_id, import_id=request.import_id
        )

    async def export_products(self, request: ExportProductsRequest) -> File:
        await self.door.shop(request.shop_id)
        sheet = await export_products(self.database, self.stockroom, request.shop_id)
        return File(content=sheet, content_type="text/csv; charset=utf-8", name="products.csv")

    async def get_offers(self, request: GetOffersRequest) -> OfferList:
        return OfferList(items=await self.offers(request.variant_ids))

    async def _page(self, listing: Listing) -> ProductPage:
        filters = listing.filters()
        total = self.totals.find(filters)
        rows = await queries.list_products(self.database, listing, counts=total is None)
        is_first = listing.page == 1 and not listing.cursor
        if total is None and rows:
            total = self.totals.keep(filters, rows[0]["_total"])
        elif total is None and not is_first:
            total = self.totals.keep(filters, await queries.count_products(self.database, listing))
        if not listing.cursor and len(rows) <= listing.size and (rows or is_first):
            total = (listing.page - 1) * listing.size + len(rows)  # this page says it exactly
        return ProductPage(
            items=tuple(structs_from(ProductCard, rows[: listing.size])),
            page=listing.page,
            page_size=listing.size,
            total=total or 0,
            next_cursor=listing.next_cursor(rows),
        )

    async def _row_for_all(self, product_id: str, *, shop_id: str = "") -> ProductRow:
        """A product as anybody may see it; what is not for sale, its shop alone."""
        row = await queries.get_product(self.database, product_id)
        is_elsewhere = shop_id and shop_id != row.shop_id
        if is_elsewhere or not (row.is_listed or await self.door.lets_in(row.shop_id)):
            raise ProductNotFound(product_id=product_id)
        return row

    async def _must_be_theirs(self, product_id: str, *, shop_id: str = "") -> ProductRow:
        row = await queries.get_product(self.database, product_id)
        is_elsewhere = shop_id and shop_id != row.shop_id
        if is_elsewhere or not await self.door.lets_in(row.shop_id):
            raise ProductNotFound(product_id=product_id)
        return row

    async def _available(self, row: ProductRow) -> dict[str, int]:
        return await self.stockroom.available([variant.id for variant in row.variants])
