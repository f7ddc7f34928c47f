"""Something happened that somebody is to be told: written down now, told by the post room."""

from __future__ import annotations

from collections.abc import Callable

from souk.kernel.events.effects import Effect
from souk.services.notifications import store
from souk.services.notifications.model import Announcement


def announced(news: Announcement, wake: Callable[[], None]) -> Effect:
    """The same news again changes nothing, under whatever message id it comes."""
    return store.addition(news, then=wake)
