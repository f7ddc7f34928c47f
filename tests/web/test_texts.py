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


async def test_what_services_refuse_is_said_in_the_visitors_language(market):
    visitor = market.visitor(**{"accept-language": "uk"})
    product = await market.product(stock=1)
    await visitor.see(f"/p/{product.slug}")
    await visitor.send("/cart", variant_id=product.variants[0].id, quantity="3")
    assert visitor.page.status_code == 409
    assert visitor.has(f"Доступна лише 1 одиниця артикулу {product.variants[0].sku}.")

    await visitor.send("/cart", variant_id=product.variants[0].id, quantity="1")
    await visitor.send("/cart/coupon", code="NOSUCHCODE")
    assert visitor.has("Код NOSUCHCODE не можна використати: такого коду немає.")

    await visitor.see("/register")
    await visitor.send("/register", email="nobody", password="short", first_name="\u202eAda")
    assert visitor.has("має бути адресою електронної пошти")
    assert visitor.has("має містити щонайменше 10 символів")
    await visitor.send("/register", email="ada@example.com", password="passwordpassword")
    assert visitor.has("Цей пароль надто легко вгадати: він серед найпоширеніших.")


async def test_what_keeps_somebody_from_leaving_is_counted_as_people_count(market):
    owner = await market.at_desk()
    await owner.send("/language", language="uk")
    await owner.see("/account/leave")
    await owner.send("/account/leave", sure="true")
    assert owner.has("1 ваша крамниця відкрита. Спершу закрийте.")
