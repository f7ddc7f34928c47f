"""How media is put together."""

from __future__ import annotations

from functools import partial

from souk.kernel.jobs import every
from souk.kernel.platform import Parts, Platform
from souk.services.media.rpc import MediaRpc
from souk.services.media.shelf import local_shelf
from souk.services.media.use_cases.sweep_files import sweep_files


def build(platform: Platform) -> Parts:
    database, shelf = platform.database("media"), local_shelf(platform.settings.home)
    sweep = partial(sweep_files, database, shelf)
    return Parts(
        rpc=MediaRpc(database, shelf, platform.clock),
        jobs=(every(seconds=600, do=sweep, name="media.sweep"),),
    )
