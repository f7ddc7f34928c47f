"""The first mail: somebody has an account now."""

from __future__ import annotations

from souk.services.notifications.letters import Button, Letter


def welcome(*, greeting: str, home_url: str) -> Letter:
    return Letter(
        subject="Welcome to Souk",
        preview="Your account is ready.",
        heading="Welcome to Souk",
        paragraphs=(
            greeting,
            "Your account is ready. Many shops, one cart and one checkout: whatever you find, "
            "wherever it comes from, you pay for it once.",
            "A seller is paid only after your parcel has arrived. Until then we hold on to your "
            "money.",
        ),
        button=Button(label="Look around", url=home_url),
    )
