"""A program for a supervisor to keep: ready at once, and otherwise as its environment says."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from pathlib import Path

from souk.devstack.supervisor import PARENT_FD, READY

folder = Path(os.environ["FOLDER"])
(folder / f"{os.getpid()}.pid").touch()
mood = os.environ.get("MOOD", "")
if mood == "broken":
    sys.exit(3)
if mood == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
with socket.socket(fileno=int(os.environ[PARENT_FD])) as parent:
    parent.sendall(READY)
    if mood == "stubborn":
        time.sleep(60)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    parent.recv(1)
(folder / "orphaned").touch()
