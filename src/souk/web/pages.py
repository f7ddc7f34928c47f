"""All pages there are."""

from __future__ import annotations

from souk.kernel.process import Process
from souk.web import operator, seller, shopper, system
from souk.web.app import Web
from souk.web.site import Site

PAGES = (*system.PAGES, *shopper.PAGES, *seller.PAGES, *operator.PAGES)


def web_of(process: Process) -> Web:
    """The web in front of a process that has started."""
    site = Site(
        process.switchboard,
        settings=process.settings,
        verifier=process.verifier,
        limiter=process.limiter,
        cache=process.cache,
        clock=process.clock,
    )
    return Web(site, PAGES)
