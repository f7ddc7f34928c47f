"""Spellings of one mailbox are one; two mailboxes never are."""

import pytest

from souk.kernel.mailboxes import email_key


@pytest.mark.parametrize(
    "spellings",
    [
        ("ada@example.com", " Ada@EXAMPLE.com "),
        ("ada@bücher.example", "Ada@BÜCHER.example", "ada@xn--bcher-kva.example",
         "ada@XN--BCHER-KVA.example", "ada@bu\u0308cher.example"),
        ("ada@例え.テスト", "ada@xn--r8jz45g.xn--zckzah", "ada@例え。テスト"),
        ("ünal@example.com", "Ünal@example.com", "u\u0308nal@example.com"),
        ("file@example.com", "\ufb01le@example.com", "\uff46ile@example.com"),  # joined, wide
    ],
)  # fmt: skip
def test_spellings_of_one_mailbox_are_one(spellings):
    assert len({email_key(each) for each in spellings}) == 1


@pytest.mark.parametrize(
    "mailboxes",
    [
        ("weiss@example.com", "weiß@example.com"),
        ("ada@strasse.example", "ada@straße.example"),
        ("ada@example.com", "\u0430da@example.com"),  # a Cyrillic a
        ("ada@example.com", "ada@example.com.example"),
    ],
)
def test_two_mailboxes_are_never_one(mailboxes):
    assert len({email_key(each) for each in mailboxes}) == len(mailboxes)


@pytest.mark.parametrize("text", ["", "ada", "ada@", "@", "ada@-", "ada@xn--", "ada@" + "ü" * 300])
def test_what_is_no_address_is_no_error(text):
    assert isinstance(email_key(text), str)
