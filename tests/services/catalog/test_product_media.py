"""Pictures of products: uploaded by their shop, kept in order, taken off again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from souk.contracts.catalog import (
    AddProductMediaRequest,
    Image,
    Product,
    ProductImages,
    ProductNotFound,
    ProductTags,
    RemoveProductMediaRequest,
    UpdateProductRequest,
)
from souk.contracts.media import (
    MediaNotFound,
    MediaService,
)
from souk.kernel.context import Caller
from souk.kernel.refusals import InvalidRequest
from tests.services.catalog.market import STRANGER, Inventory, Market, Seller, Shops, neighbours
from tests.support.hosting import hosted
from tests.support.people import as_
from tests.support.pictures import Pictures
from tests.support.servers import Desk


@pytest.fixture
async def pictures() -> Pictures:
    return Pictures()


@pytest.fixture
async def market(servers: Desk, pictures: Pictures) -> AsyncIterator[Market]:
    shops, inventory = Shops(), Inventory()
    fakes = neighbours(shops, inventory) | {MediaService: pictures}
    async with hosted("catalog", servers, fakes=fakes) as host:
        yield Market(host, shops, inventory)


async def hang(market: Market, product: Product, by: Caller, content: bytes = b"1") -> Product:
    with as_(by):
        return await market.client.add_product_media(
            AddProductMediaRequest(product_id=product.id, file=content, alt="From the side")
        )


async def test_pictures_hang_in_the_order_they_came(market: Market, seller: Seller) -> None:
    product = await market.create(seller)
    await hang(market, product, seller.caller, b"1")
    await hang(market, product, seller.caller, b"2")
    again = await hang(market, product, seller.caller, b"1")
    assert [image.url.rpartition("/")[2][:2] for image in again.images] == ["31", "32"]
    assert again.images[0].alt == "From the side"
    assert (await market.get(product.id)).images == again.images


async def test_a_picture_that_is_taken_off_is_taken_away(
    market: Market, seller: Seller, pictures: Pictures
) -> None:
    product = await hang(market, await market.create(seller), seller.caller)
    request = RemoveProductMediaRequest(product_id=product.id, media_id=product.images[0].media_id)
    with as_(seller.caller):
        await market.client.remove_product_media(request)
        with pytest.raises(MediaNotFound):
            await market.client.remove_product_media(request)
    assert (await market.get(product.id)).images == ()
    assert pictures.owners == {}


async def test_pictures_are_put_in_another_order_and_stay_known(
    market: Market, seller: Seller
) -> None:
    product = await market.create(seller)
    await hang(market, product, seller.caller, b"1")
    before = (await hang(market, product, seller.caller, b"2")).images
    turned = tuple(Image(url=image.url, alt=image.alt) for image in reversed(before))
    with as_(seller.caller):
        after = await market.client.update_product(
            UpdateProductRequest(
                product_id=product.id,
                images=ProductImages(items=turned),
                tags=ProductTags(items=("Red", "red", "new")),
                weight_grams=450,
            )
        )
    assert after.images == before[::-1]
    assert after.tags == ("red", "new")
    assert {variant.weight_grams for variant in after.variants} == {450}


async def test_strangers_hang_nothing(market: Market, seller: Seller, pictures: Pictures) -> None:
    product = await market.create(seller)
    with pytest.raises(ProductNotFound):
        await hang(market, product, STRANGER)
    assert pictures.owners == {}


@pytest.mark.parametrize(
    "url",
    [
        "/api/v1/users/profile",
        "//evil.example/a.png",
        "/api/v1/media/files/../../users",
        "/logo.png",
    ],
)
async def test_only_media_is_a_path_of_ours(market: Market, seller: Seller, url: str) -> None:
    with pytest.raises(InvalidRequest):
        await market.create(seller, images=(Image(url=url),))
