"""Pages in other languages."""


async def test_a_visitor_chooses_the_language_once(guest):
    await guest.see("/")

    await guest.send("/language", language="uk")

    assert '<html lang="uk"' in guest.page.text
    assert guest.has("Новинки")
    await guest.see("/cart")
    assert guest.has("Ваш кошик порожній")


async def test_a_browsers_language_is_spoken_and_its_figures_written(market):
    visitor = market.visitor(**{"accept-language": "vi-VN,vi;q=0.9,en;q=0.5"})
    product = await market.product()

    await visitor.see(f"/p/{product.slug}")

    assert '<html lang="vi"' in visitor.page.text
    assert visitor.has("Thêm vào giỏ")
    assert visitor.has("64,00")
