"""Pages in other languages."""

import pytest

from souk.contracts.pricing import PromoCodeRefused
from souk.web.languages import tongue_for
from souk.web.phrases import phrase


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


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 1, "1 shop of yours is open. Close them first."),
        ("en", 3, "3 shops of yours are open. Close them first."),
        ("uk", 1, "1 ваша крамниця відкрита. Спершу закрийте."),
        ("uk", 3, "3 ваші крамниці відкриті. Спершу закрийте."),
        ("uk", 25, "25 ваших крамниць відкрито. Спершу закрийте."),
        ("vi", 1, "1 cửa hàng của bạn đang mở. Hãy đóng trước."),
    ],
)
def test_what_keeps_somebody_from_leaving_is_counted_as_people_count(language, count, said):
    told = f"{count} shops of theirs are open. Close them first."
    assert phrase(told, tongue_for(language, "")) == said


def test_money_in_a_reason_is_written_as_the_visitor_writes_it():
    refused = PromoCodeRefused(code="TEN", reason="it is for orders from 1250.50 USD")
    said = phrase(refused, tongue_for("", "en-US"))
    assert said == "The code TEN cannot be used: it is for orders from $1,250.50."
    assert "1.250,50" in phrase(refused, tongue_for("", "vi-VN"))


def test_what_nobody_has_a_phrase_for_stays_as_it_is():
    for told in ("is too {odd}", "100% wrong", ""):
        assert phrase(told, tongue_for("uk", "")) == told
