"""The words in which services tell reasons, and what is wrong with a field.

Here because they have no names: pages know them by their words, `{place}` standing for what
differs. A test holds them against what the services say.
"""

from __future__ import annotations

from msgspec import Struct


class Saying(Struct, frozen=True):
    """`many` is what pages say; `told` is what the service says, where that is something else;
    `one` is for a count of one, where there is a count."""

    many: str
    one: str = ""
    told: str = ""


def counting(one: str, many: str, told: str = "") -> Saying:
    return Saying(many, one, told)


# Refusals that count something, for a count of one; their English is for many.
ONE = {
    "StockIsReserved": "{reserved} is reserved for orders, so no fewer can be on hand.",
    "InsufficientStock": "Only {available} of SKU {sku} is available.",
    "TooManyAddresses": "An account holds at most {max} address.",
    "TooManyApiKeys": "An account holds at most {max} API key.",
}

FIELDS = (
    Saying("This address does not answer such requests."),
    Saying("must not be empty"),
    Saying("is required"),
    Saying("is not valid"),
    Saying("must not contain control characters"),
    Saying("must be an e-mail address"),
    Saying("is not written as it should be", told="must match the pattern {pattern}"),
    Saying("is none of those to choose from", told="must be a UUID"),
    Saying("is none of those to choose from", told="must be one of: {values}"),
    counting("must be at least {count} character", "must be at least {count} characters"),
    counting("must be at most {count} character", "must be at most {count} characters"),
    counting("must have at least {count} item", "must have at least {count} items"),
    counting("must have at most {count} item", "must have at most {count} items"),
    counting("must be at most {count} byte", "must be at most {count} bytes"),
    counting("must be at most {count} tag", "must be at most {count} tags"),
    counting("must be at most {count} level deep", "must be at most {count} levels deep"),
    Saying("must be at most {n} in all"),
    Saying("must be at least {n}"),
    Saying("must be at most {n}, and differ"),
    Saying("must be at most {n}"),
    Saying("must be more than {n}"),
    Saying("must be less than {n}"),
    Saying("must be between {low} and {high}"),
    Saying("must be a whole number"),
    Saying("must be a number"),
    Saying("must be a time with its zone, such as 2026-01-31T12:00:00Z"),
    Saying("must be a time between the years 2 and 9998"),
    Saying("must be one file"),
)
PEOPLE = (
    Saying("holds characters that cannot be seen: {codes}"),
    Saying("needs a letter at least"),
    Saying("must begin with + and the country's code, as in {example}"),
    Saying("is no telephone number"),
    Saying("has too few or too many digits for its country"),
    Saying("is no language we know; try en-US"),
    Saying("is no time zone; try Europe/Berlin or UTC"),
    Saying("is no country we know"),
    Saying("is not known there: perhaps {names}", told="is no {kind} there: perhaps {names}"),
    Saying("is not known there: such as {names}", told="is no {kind} there: such as {names}"),
    Saying("is needed in this country", told="is needed in {country}"),
    Saying(
        "is not one that this country knows: try {examples}",
        told="is none of {country}: try {examples}",
    ),
    Saying("is not one that this country knows", told="is none of {country}"),
    Saying("is needed, or else a phone number", told="give this or a phone_number"),
    Saying("it is your e-mail address"),
    Saying("it is among the most common ones"),
    Saying("it repeats very few characters"),
    Saying("it is a row of neighbouring characters"),
    Saying("You hold rights of staff", told="They hold rights of staff"),
    Saying("Have them taken back first."),
    counting(
        "{count} order of yours is not finished",
        "{count} orders of yours are not finished",
        told="{count} orders are not finished",
    ),
    Saying("Wait until they have arrived, or cancel them."),
    counting(
        "{count} order in your shops is not finished",
        "{count} orders in your shops are not finished",
        told="{count} orders of shops of theirs are not finished",
    ),
    Saying("Send them, or cancel them."),
    counting(
        "{count} shop of yours is open",
        "{count} shops of yours are open",
        told="{count} shops of theirs are open",
    ),
    Saying("Close them first."),
    counting(
        "{count} payment or refund is under way",
        "{count} payments or refunds are under way",
    ),
    Saying("Wait until they are through."),
)
BUYING = (
    # What a cart says of itself.
    Saying("{name} now costs {price}; it was {before}."),
    Saying("{name} is sold out."),
    counting(
        "Only {available} of {name} is available.",
        "Only {available} of {name} are available.",
    ),
    Saying("is needed: none was chosen yet"),
    Saying("it has ended"),
    Saying("it has not begun"),
    Saying("it has been used up"),
    Saying("it is for another shop"),
    Saying("it is for orders in {currency}"),
    Saying("it is for orders from {minimum}"),
    Saying("there is no such code"),
    Saying("sign in to use it"),
    Saying("you have used it before"),
    Saying("the checkout has ended"),
    Saying("the card was declined"),
    Saying("insufficient funds"),
    Saying("you declined the payment"),
    Saying("the payment was not approved in time"),
    Saying("the payment was called off"),
    Saying("the provider did not answer"),
    Saying("the provider declined it", told="declined"),
    # How it is sent: as people read it, and as an order has it.
    Saying("Economy"),
    Saying("Standard"),
    Saying("Express"),
    Saying("Economy", told="economy"),
    Saying("Standard", told="standard"),
    Saying("Express", told="express"),
    # Where an order stands.
    Saying("confirmed"),
    Saying("being packed", told="processing"),
    Saying("shipped"),
    Saying("delivered"),
    Saying("completed"),
    Saying("cancelled"),
)
SELLING = (
    Saying("must be an address that begins with https:// or http://"),
    Saying("must be an address with a host"),
    Saying("must have names that differ"),
    Saying("must leave one variant at least"),
    counting(
        "would make {count} variant, and {most} is the most",
        "would make {count} variants, and {most} is the most",
    ),
    Saying("would leave {on_hand} on hand"),
    Saying("must be {names}, in some order"),
    Saying("must be {names}, as those of the first"),
    Saying("must be {names}, of every variant"),
    Saying("it is empty"),
    Saying("it is not a text file"),
    Saying("it is neither UTF-8 nor Windows-1252 text"),
    Saying("it has no rows below its header"),
    counting("it has more than {count} row", "it has more than {count} rows"),
    Saying("it has the column {column} twice"),
    Saying("its columns are separated by {separator}; save it with commas"),
    Saying("semicolons"),
    Saying("tabs"),
    Saying("it lacks columns: {columns}", told="it has no column {columns}"),
    Saying("it lacks columns: {columns}", told="it has no columns {columns}"),
    Saying("it is neither JPEG nor PNG, WebP or GIF"),
    Saying("the file is damaged"),
)
SAYINGS = FIELDS + PEOPLE + BUYING + SELLING
