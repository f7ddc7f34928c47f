"""The documentation page: one file with everything in it, put together when the gateway starts."""

from __future__ import annotations

from importlib.resources import files

from msgspec import Struct

from souk.gateway.headers import digest

# In this order: each uses what those before it define.
SCRIPTS = (
    "elements", "schema", "samples", "languages", "session", "draft", "answering", "tryout",
    "marks", "answers", "operation", "navigation", "page",
)  # fmt: skip
STYLES = (
    "theme", "parts", "side", "overview", "operation", "panel", "answering", "dialog", "narrow",
)  # fmt: skip


class DocsPage(Struct, frozen=True):
    """The page, and the policy that lets its own script and style run and nothing else."""

    html: bytes
    policy: bytes


def docs_page() -> DocsPage:
    folder = files(__package__)
    script = "\n".join(folder.joinpath(f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    script = f'(() => {{\n"use strict";\n{script}\n}})();\n'
    style = "\n".join(folder.joinpath(f"{name}.css").read_text("utf-8") for name in STYLES)
    template = folder.joinpath("page.html").read_text("utf-8")
    html = template.replace("/*style*/", style).replace("/*script*/", script)
    policy = (
        "default-src 'none'; "
        f"script-src {digest(script.encode())}; style-src {digest(style.encode())}; "
        "img-src 'self' data:; connect-src 'self' ws: wss:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
    return DocsPage(html.encode(), policy.encode())
