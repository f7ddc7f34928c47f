#!/bin/sh
# Writes requirements.lock: every version with its hashes and no registry's name, so that it
# installs from any mirror. See docs/decisions/0003-lock-file.md.
set -eu
cd "$(dirname "$0")/.."
UV=$(command -v uv || echo .uv/bin/uv)
"$UV" pip compile --quiet --universal --generate-hashes --group dev pyproject.toml \
  --no-emit-index-url --no-header --no-annotate -o requirements.lock "$@"
