"""`python -m souk` is `souk`."""

from __future__ import annotations

import sys

from souk.cli import main

sys.exit(main())
