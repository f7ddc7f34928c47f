"""Every page there is, in the states in which people meet it: tested and photographed."""

from __future__ import annotations

from tests.browser.scenes import desks, people, shopper, wishlists
from tests.browser.scenes.scene import Scene

SCENES: tuple[Scene, ...] = (*shopper.SCENES, *wishlists.SCENES, *desks.SCENES, *people.SCENES)
ALIKE: tuple[Scene, ...] = (*wishlists.ALIKE, *desks.ALIKE, *people.ALIKE)
# As they come out of a printer.
PRINTS: tuple[Scene, ...] = (*shopper.PRINTS, *desks.PRINTS)
