"""Photographs every page into docs/screenshots: `make screenshots`.

Names of scenes photograph these alone; `--url` and `--home` are of a Souk that runs already.
"""

from __future__ import annotations

import argparse
import asyncio
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser

from tests.browser.demo import Demo, demo
from tests.browser.scenes import ALIKE, PRINTS, SCENES, Scene
from tests.browser.windows import DESKTOP, PAPER, PHONE, SHAPES, Shape, Window, chromium, window

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
EVERY = (*SCENES, *ALIKE, *PRINTS)
SCHEMES = ("light", "dark")
QUALITY, METHOD = 58, 6
HEIGHT_MAX = 1800  # of a page; what lies below is more of the same
TOTAL_BYTES_MAX = 10_000_000
PICTURES_CAME = """() => [...document.images].every((each) => {
  const { top, left } = each.getBoundingClientRect();
  return each.complete || top > innerHeight || left > innerWidth;
})"""


async def main(names: Iterable[str], url: str, home: str) -> None:
    wanted = [scene for scene in EVERY if scene.name in names or not names]
    async with chromium() as browser, demo(url, home) as there:
        for scene in wanted:
            for shape, schemes in looks_of(scene).items():
                await photograph(there, browser, scene, shape, schemes)
            print(scene.name)
    if not names:
        known = {shot for scene in EVERY for shot in shots_of(scene)}
        for path in FOLDER.glob("*.webp"):
            if path.stem not in known:
                path.unlink()
    (FOLDER / "README.md").write_text(listed())
    total = sum(path.stat().st_size for path in FOLDER.glob("*.webp"))
    print(f"{len(list(FOLDER.glob('*.webp')))} pictures, {total / 1e6:.1f} MB")
    assert total < TOTAL_BYTES_MAX, "too much to keep in the repository"


def listed() -> str:
    """All that there are, on one page."""
    rows = [
        "# Every page",
        "",
        "`make screenshots` takes them; names end with how it was looked at.",
    ]
    for scene in EVERY:
        pictures = " ".join(
            f'<img src="{shot}.webp" alt="{shot}" width="{150 if "phone" in shot else 400}">'
            for shot in shots_of(scene)
            if (FOLDER / f"{shot}.webp").exists()
        )
        rows += ["", f"## {scene.name}", "", pictures] if pictures else []
    return "\n".join(rows) + "\n"


def shots_of(scene: Scene) -> list[str]:
    if scene in PRINTS:
        return [f"{scene.name}-{PAPER.name}"]
    looks = looks_of(scene).items()
    return [
        f"{scene.name}-{shape.name}-{scheme}"
        for scheme in SCHEMES
        for shape, schemes in looks
        if scheme in schemes
    ]


def looks_of(scene: Scene) -> dict[Shape, Sequence[str]]:
    """In which light each shape is photographed; of what has the parts of others, each in one."""
    if scene in PRINTS:
        return {PAPER: ("print",)}
    if scene in ALIKE:
        return {DESKTOP: SCHEMES[:1], PHONE: SCHEMES[1:]}
    return dict.fromkeys(SHAPES, SCHEMES)


async def photograph(
    there: Demo, browser: Browser, scene: Scene, shape: Shape, schemes: Sequence[str]
) -> None:
    state = await there.state(browser, scene.by) if scene.by else None
    async with window(browser, there.url, shape, state=state) as eyes:
        await scene.show(there, eyes)
        await grow(eyes, shape)
        if shape is PAPER:
            await eyes.page.emulate_media(media="print")
            await take(eyes, f"{scene.name}-{shape.name}")
            return
        for scheme in schemes:
            await eyes.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            await take(eyes, f"{scene.name}-{shape.name}-{scheme}")


async def take(eyes: Window, name: str) -> None:
    taken = await eyes.page.screenshot(animations="disabled")
    with Image.open(io.BytesIO(taken)) as picture:
        FOLDER.mkdir(parents=True, exist_ok=True)
        picture.convert("RGB").save(FOLDER / f"{name}.webp", quality=QUALITY, method=METHOD)


async def grow(eyes: Window, shape: Shape) -> None:
    """Until all of the page is seen, with the pictures that come when they are."""
    tall = await eyes.page.evaluate("document.documentElement.scrollHeight")
    height = max(shape.height, min(tall, HEIGHT_MAX))
    await eyes.page.set_viewport_size({"width": shape.width, "height": height})
    await eyes.page.wait_for_function(PICTURES_CAME)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--url", default="")
    parser.add_argument("--home", default="")
    given = parser.parse_args()
    asyncio.run(main(given.names, given.url, given.home))
