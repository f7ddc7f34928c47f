"""What must be true of every page, in every state, however it is looked at."""

from __future__ import annotations

import pytest

from tests.browser.scenes import SCENES, Scene
from tests.browser.windows import DESKTOP, PHONE

scenes = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)


@scenes
async def test_it_is_open_to_everyone_in_light_and_dark(souk, opened, scene: Scene):
    there = await opened(DESKTOP, by=scene.by)
    await scene.show(souk, there)

    assert await there.barriers() == []
    await there.page.emulate_media(color_scheme="dark")
    assert await there.barriers("color-contrast") == []


@scenes
async def test_it_fits_a_phone(souk, opened, scene: Scene):
    there = await opened(PHONE, by=scene.by)
    await scene.show(souk, there)

    assert await there.overflowing() == []
    assert await there.barriers() == []
