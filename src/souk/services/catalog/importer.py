"""Works the imports that run, a batch of rows of each in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import batched_or_chunks
