#!/bin/sh
# Makes .venv as requirements.lock says, with nothing but Python 3.11 or later on the machine.
set -eu
cd "$(dirname "$0")/.."
say() { printf '%s\n' "$*" >&2; }

# The system's own first: distributions build Python with profiles of its use, which makes it a
# quarter quicker than one that was compiled as its sources come.
for candidate in "${PYTHON:-/usr/bin/python3}" python3 python3.13 python3.12 python3.11; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    PYTHON=$(command -v "$candidate")
    break
  fi
  PYTHON=
done
[ -n "$PYTHON" ] || { say "Souk needs Python 3.11 or later; set PYTHON to one."; exit 1; }

if command -v uv >/dev/null 2>&1; then
  UV=uv
else
  UV=.uv/bin/uv
  if [ ! -x "$UV" ]; then
    say "Getting uv …"
    "$PYTHON" -m venv .uv || python3 -m venv .uv || {
      say "Python's venv module is missing; on Debian: apt-get install python3-venv"
      rm -rf .uv
      exit 1
    }
    .uv/bin/python -m pip install --quiet --disable-pip-version-check uv
  fi
fi

say "Installing what requirements.lock lists …"
[ -x .venv/bin/python ] || "$UV" venv --quiet --python "$PYTHON" .venv
"$UV" pip sync --quiet --python .venv/bin/python requirements.lock
"$UV" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
touch .venv/.ready
