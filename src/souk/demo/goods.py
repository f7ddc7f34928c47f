"""The demo shops as their files tell them, and every product as a shop would put it on sale."""

from __future__ import annotations

import itertools
import tomllib
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from souk.contracts.api import Role
from souk.contracts.catalog import CreateProductRequest, Image, NewVariant
from souk.contracts.common import Address, GeoPoint
from souk.kernel.money import Money, money_from

FOLDER = Path(__file__).parent
CURRENCY, COUNTRY = "USD", "US"
DRAWINGS = "/api/v1/media/drawings"
# By how much of the first one's price each further value of an option is dearer, in percent.
DEARER = {"Jar": 60, "Bottle": 70, "Bag": 150, "Pack": 320, "Hooks": 30, "Diameter": 30}
DEARER |= {"Pieces": 20, "Length": 20}
MEASURED_DEARER = 35  # sizes such as "30 cm"; S, M and L cost the same


class Person(Struct, frozen=True):
    name: str
    email: str
    roles: tuple[Role, ...] = ()


class Coupon(Struct, frozen=True):
    code: str
    percent: int
    shop: str = ""


class Everyone(Struct, frozen=True):
    """People without a shop, and coupons."""

    people: tuple[Person, ...]
    coupons: tuple[Coupon, ...]
    shop_coupons: tuple[Coupon, ...]


class Line(Struct, frozen=True, kw_only=True):
    """Goods of one kind: what is true of all of them, and a row of each."""

    kind: str
    category: str
    tags: tuple[str, ...]
    weight_grams: int
    stock: int
    options: dict[str, tuple[str, ...]] = {}
    text: str
    goods: str


class Goods(Struct, frozen=True):
    """One product of a line."""

    name: str
    price: Money
    compare_at: Money | None
    text: str


class Place(Struct, frozen=True):
    street_1: str
    city: str
    state: str
    postal_code: str


class Shop(Struct, frozen=True, kw_only=True):
    name: str
    owner: Person
    kind: str  # of what it is best known for: its sign
    colours: tuple[str, str]
    palette: tuple[str, ...]
    description: str
    address: Place
    location: GeoPoint
    lines: tuple[Line, ...]

    @property
    def postal_address(self) -> Address:
        place = self.address
        return Address(
            name=self.name,
            street_1=place.street_1,
            city=place.city,
            state=place.state,
            postal_code=place.postal_code,
            country=COUNTRY,
        )

    @property
    def logo_url(self) -> str:
        return drawing((self.kind,), *self.colours, view="logo")

    @property
    def banner_url(self) -> str:
        kinds = tuple(dict.fromkeys((self.kind, *(line.kind for line in self.lines))))
        return drawing(kinds[:6], *self.colours, view="banner")

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.replace("&", " ").upper().split())

    def products(self, shop_id: str) -> list[CreateProductRequest]:
        """In turn from every line, so that the first ones show what there is."""
        columns = [
            [self._product(shop_id, line, goods, place) for place, goods in enumerate(rows(line))]
            for line in self.lines
        ]
        return [each for row in itertools.zip_longest(*columns) for each in row if each]

    def _product(self, shop_id: str, line: Line, goods: Goods, place: int) -> CreateProductRequest:
        main = self.palette[(place + self.lines.index(line)) % len(self.palette)]
        accent = self.colours[1] if main != self.colours[1] else self.colours[0]
        variants = tuple(self._variants(line, goods, place, accent=accent))
        first = variants[0].image_url or drawing((line.kind,), main, accent)
        colour = first.rpartition("/")[2].partition("-")[0]
        views = ("scene", "close", "pair")
        pictures = [first, *(drawing((line.kind,), colour, accent, view=view) for view in views)]
        return CreateProductRequest(
            shop_id=shop_id,
            name=goods.name,
            description=f"<p>{goods.text}</p><p>{line.text}</p>",
            category=line.category,
            brand=self.name,
            tags=line.tags,
            weight_grams=line.weight_grams,
            options=tuple(line.options),
            variants=variants,
            images=tuple(
                Image(url=url, alt=goods.name if not n else f"{goods.name}, view {n + 1}")
                for n, url in enumerate(dict.fromkeys(pictures))
            ),
        )

    def _variants(self, line: Line, goods: Goods, place: int, *, accent: str) -> list[NewVariant]:
        """Every combination of the options; without options the product itself."""
        found = []
        for number, values in enumerate(itertools.product(*line.options.values())):
            chosen = dict(zip(line.options, values, strict=True))
            percent = sum(dearer(line, name, value) for name, value in chosen.items())
            colour = next((colours()[value] for value in values if value in colours()), "")
            # One product of a line has few left, and its last variant is sold out now and then.
            left = line.stock if place % 5 != 3 else 3
            found.append(
                NewVariant(
                    sku="-".join((self.initials, code_of(goods.name), *map(code_of, values))),
                    options=chosen,
                    price=marked_up(goods.price, percent),
                    compare_at_price=marked_up(goods.compare_at, percent)
                    if goods.compare_at
                    else None,
                    stock=0 if place % 5 == 3 and number == 1 else left,
                    image_url=drawing((line.kind,), colour, accent) if colour else "",
                )
            )
        return found


@cache
def shops() -> tuple[Shop, ...]:
    """All of them; the three oldest first."""
    files = sorted((FOLDER / "shops").glob("*.toml"))
    found = [msgspec.convert(tomllib.loads(path.read_text()), Shop) for path in files]
    oldest = ("Lantern & Loft", "Oven & Orchard", "Wilma's Loom")
    return tuple(sorted(found, key=lambda shop: (shop.name not in oldest, shop.name)))


@cache
def everyone() -> Everyone:
    return msgspec.convert(tomllib.loads((FOLDER / "people.toml").read_text()), Everyone)


@cache
def colours() -> dict[str, str]:
    """Hex by the word that options say."""
    found: dict[str, str] = tomllib.loads((FOLDER / "colours.toml").read_text())
    return found


def rows(line: Line) -> list[Goods]:
    """`Name | 12.00/15.00 | A sentence.`; the second price is what it cost before."""
    found = []
    for row in line.goods.strip().splitlines():
        name, prices, text = (part.strip() for part in row.split("|", 2))
        price, _, before = prices.partition("/")
        compare_at = money_from(before, CURRENCY) if before else None
        found.append(Goods(name, money_from(price, CURRENCY), compare_at, text))
    return found


def dearer(line: Line, name: str, value: str) -> int:
    """Percent on top of the price, for this value of an option."""
    step = MEASURED_DEARER if name == "Size" and " " in value else DEARER.get(name, 0)
    return step * line.options[name].index(value)


def marked_up(price: Money, percent: int) -> Money:
    """In steps of half a dollar, as shops like them."""
    if not percent:
        return price
    return Money(price.portion(100 + percent, of=100).amount // 50 * 50, price.currency)


def drawing(kinds: tuple[str, ...], main: str, accent: str, *, view: str = "front") -> str:
    """The address of a picture that media draws."""
    return f"{DRAWINGS}/{'.'.join(kinds)}/{main}-{accent}-{view}.svg"


def code_of(text: str) -> str:
    """For SKUs: its letters and digits, no more than eight words' worth."""
    words = "".join(c if c.isalnum() else " " for c in text.upper()).split()
    return "".join(word if len(word) <= 3 or word.isdigit() else word[:4] for word in words[:8])
