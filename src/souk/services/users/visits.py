"""Where somebody comes from: the device and the network, as far as they tell."""

from __future__ import annotations

import re

from msgspec import Struct

# First match counts: Edge and Opera call themselves Chrome, Chrome calls itself Safari.
BROWSERS = (
    ("Edge", r"\bEdgA?/|\bEdgiOS/"), ("Opera", r"\bOPR/|\bOPiOS/"),
    ("Samsung Internet", r"\bSamsungBrowser/"), ("Firefox", r"\bFirefox/|\bFxiOS/"),
    ("Chrome", r"\bChrome/|\bCriOS/"), ("Safari", r"\bVersion/[\d.]+.*\bSafari/"),
    ("curl", r"^curl/"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", r"\biPhone\b"), ("iPad", r"\biPad\b"), ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"), ("ChromeOS", r"\bCrOS\b"), ("macOS", r"\bMac OS X\b"),
    ("Linux", r"\bLinux\b|\bX11\b"),
)  # fmt: skip


class Visit(Struct, frozen=True, kw_only=True):
    """What a sign-in came with besides its proof."""

    address: str = ""
    user_agent: str = ""
    device_token: str = ""
    cart_token: str = ""

    @property
    def device(self) -> str:
        """ "Firefox on Linux", from what browsers call themselves; empty where it says nothing."""
        browser, system = _first(BROWSERS, self.user_agent), _first(SYSTEMS, self.user_agent)
        return " on ".join(part for part in (browser, system) if part)


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in known if re.search(pattern, text)), "")
