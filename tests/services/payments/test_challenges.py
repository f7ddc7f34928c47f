"""The challenge page: found only by its secret, shows the amount, takes one decision."""

import asyncio

import pytest

from souk.contracts.payments import (
    AnswerChallengeRequest,
    ChallengeNotFound,
    PaymentDeclined,
    PaymentFailed,
    ShowChallengeRequest,
)
from souk.kernel.money import Money
from souk.services.payments.providers.sandbox.page import SCRIPT, STYLE, render, source_of
from tests.services.payments.counter import NOBODY, Counter, by, part, purchase
from tests.support.hosting import hosted


async def challenged(counter, total=123456):
    request = purchase(part(total), method="challenge")
    payment = await counter.pay(request)
    return request, payment.next_action.url.rpartition("/")[2]


async def show(counter, challenge_id):
    with by(NOBODY):
        return await counter.client.show_challenge(ShowChallengeRequest(challenge_id=challenge_id))


async def answer(counter, challenge_id, *, approve):
    with by(NOBODY):
        request = AnswerChallengeRequest(challenge_id=challenge_id, approve=approve)
        return (await counter.client.answer_challenge(request)).status


async def test_the_page_shows_the_amount_and_both_ways(counter):
    _, challenge_id = await challenged(counter)

    file = await show(counter, challenge_id)

    page = file.content.decode()
    assert file.content_type == "text/html; page=own"
    assert "1,234.56" in page
    assert 'data-outcome="waiting"' in page
    assert ">Approve</button>" in page
    assert ">Decline</button>" in page


async def test_the_page_allows_its_own_script_and_style_alone():
    page = render(
        Money(1, "USD"), challenge_id="1", outcome="", return_url='https://x/"><script>'
    ).decode()
    policy = page.partition('http-equiv="content-security-policy" content="')[2].partition('"')[0]
    assert "default-src &#x27;none&#x27;" in policy
    assert source_of(SCRIPT).strip("'") in policy
    assert source_of(STYLE).strip("'") in policy
    assert page.count("<script>") == 1


@pytest.mark.parametrize(("approve", "outcome"), [(True, "authorized"), (False, "declined")])
async def test_the_first_answer_counts(counter, approve, outcome):
    _, challenge_id = await challenged(counter)

    assert await answer(counter, challenge_id, approve=approve) == outcome
    assert await answer(counter, challenge_id, approve=not approve) == outcome

    assert f'data-outcome="{outcome}"' in (await show(counter, challenge_id)).content.decode()
    assert await counter.database.fetchval("select count(*) from sandbox.webhooks") == 1


async def test_of_many_answers_at_once_one_counts(counter):
    _, challenge_id = await challenged(counter)
    told = await asyncio.gather(
        *(answer(counter, challenge_id, approve=bool(turn % 2)) for turn in range(20))
    )
    assert len(set(told)) == 1
    assert await counter.database.fetchval("select count(*) from sandbox.webhooks") == 1


async def test_an_approved_payment_is_found_authorized_even_before_the_webhook_comes(counter):
    request, challenge_id = await challenged(counter)
    await answer(counter, challenge_id, approve=True)
    assert (await counter.pay(request)).status == "authorized"


async def test_a_shopper_who_never_comes_back_is_declined_and_told(counter):
    request, challenge_id = await challenged(counter)
    await counter.database.execute("update sandbox.charges set expires_at = now()")

    assert await answer(counter, challenge_id, approve=True) == "expired"
    await counter.host.run_job("sandbox.expiry")
    await counter.hurry()
    await counter.host.run_job("payments.check")

    (told,) = await counter.host.published(PaymentFailed)
    assert told.reason == "the payment was not approved in time"
    with pytest.raises(PaymentDeclined):
        await counter.pay(request)
    assert await answer(counter, challenge_id, approve=True) == "expired"


async def test_after_the_checkout_ended_the_page_says_so(counter):
    request, challenge_id = await challenged(counter)
    await counter.void(request.checkout_id)
    assert await answer(counter, challenge_id, approve=True) == "expired"
    assert 'data-outcome="expired"' in (await show(counter, challenge_id)).content.decode()
    assert await counter.charges() == [("voided", 0, 0)]


async def test_addresses_cannot_be_guessed(counter):
    _, challenge_id = await challenged(counter)
    guesses = [
        _changed(challenge_id, 30),
        _changed(challenge_id, 0),
        challenge_id[:22],
        "A" * 43,
        "A" * 41,
        challenge_id + challenge_id,
    ]
    for guess in guesses:
        with pytest.raises(ChallengeNotFound):
            await show(counter, guess)
        with pytest.raises(ChallengeNotFound):
            await answer(counter, guess, approve=True)
    assert await counter.charges() == [("requires_action", 0, 0)]


def _changed(text, place):
    return text[:place] + ("B" if text[place] == "A" else "A") + text[place + 1 :]


async def test_without_the_sandbox_there_are_no_pages(servers):
    async with hosted("payments", servers, sandbox_enabled=False) as host:
        with pytest.raises(ChallengeNotFound):
            await show(Counter(host), "A" * 43)
