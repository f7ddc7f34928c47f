"""The operators' console."""

from __future__ import annotations

from souk.web.route import Page

PAGES: tuple[Page, ...] = ()
