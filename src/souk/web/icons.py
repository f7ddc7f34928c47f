"""Line icons, drawn in place so that they take the colour of the text around them."""

from __future__ import annotations

from functools import cache

from markupsafe import Markup

PATHS = {
    "alert": "M12 8v5m0 3.5v.1M10.3 3.9 2.5 17.6A2 2 0 0 0 4.2 20.6h15.6a2 2 0 0 0 1.7-3L13.7 3.9a2 2 0 0 0-3.4 0z",  # noqa: E501
    "arrow": "M5 12h14m-6-6 6 6-6 6",
    "back": "M19 12H5m6-6-6 6 6 6",
    "bag": "M6 8h12l1.2 11.2a1.6 1.6 0 0 1-1.6 1.8H6.4a1.6 1.6 0 0 1-1.6-1.8zM9 10V6.5a3 3 0 0 1 6 0V10",  # noqa: E501
    "box": "m12 3 8.5 4.5v9L12 21l-8.5-4.5v-9zM3.5 7.5 12 12m0 0 8.5-4.5M12 12v9",
    "chart": "M4 20V10m6 10V4m6 16v-7m5 7H3",
    "check": "m5 12.5 4.5 4.5L19 7.5",
    "chevron": "m9 6 6 6-6 6",
    "clock": "M12 7v5l3.5 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
    "close": "M6 6l12 12M18 6 6 18",
    "down": "m6 9 6 6 6-6",
    "filter": "M4 6h16M7 12h10m-7 6h4",
    "heart": "M12 20s-7.5-4.6-7.5-10.2A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 7.5 2.8C19.5 15.4 12 20 12 20z",  # noqa: E501
    "home": "m4 10.5 8-6.5 8 6.5V20h-5.5v-6h-5v6H4z",
    "info": "M12 11v5.5M12 7.6v.1M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
    "key": "M14 10a4.5 4.5 0 1 0-3.6 4.4L12 16h2v2h2v2h3.5v-3.5L13.6 11",
    "list": "M8 6h12M8 12h12M8 18h12M4 6h.1M4 12h.1M4 18h.1",
    "lock": "M6.5 11h11V20h-11zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
    "mail": "M4 6h16v12H4zm0 1 8 6.5L20 7",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "minus": "M6 12h12",
    "out": "M14 4h5v16h-5M4 12h11m-4-4 4 4-4 4",
    "pin": "M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11zm0-8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",  # noqa: E501
    "plus": "M12 6v12M6 12h12",
    "print": "M7 9V4h10v5M7 17H4.5V9h15v8H17m-10-3h10v6H7z",
    "rss": "M5 11a8 8 0 0 1 8 8M5 5a14 14 0 0 1 14 14M6 18.4v.1",
    "search": "M10.8 17.6a6.8 6.8 0 1 0 0-13.6 6.8 6.8 0 0 0 0 13.6zm5-1.8 4.7 4.7",
    "shield": "M12 3.5 5 6v5.5c0 4.4 3 7.7 7 9 4-1.3 7-4.6 7-9V6z",
    "shop": "M4 9.5 5.5 4h13L20 9.5M4 9.5a2.7 2.7 0 0 0 5.3 0 2.7 2.7 0 0 0 5.4 0 2.7 2.7 0 0 0 5.3 0M5.5 12v8h13v-8M10 20v-5h4v5",  # noqa: E501
    "star": "m12 4 2.5 5.2 5.7.8-4.1 4 1 5.7L12 17l-5.1 2.7 1-5.7-4.1-4 5.7-.8z",
    "tag": "M4 12.5V4.5h8l8 8-7.5 7.5zM8 8.4v.1",
    "trash": "M5 7h14M10 7V4.5h4V7m-7.5 0 .8 13h9.4l.8-13M10.5 11v5.5m3-5.5v5.5",
    "truck": "M3 6.5h11V16H3zM14 10h4l3 3v3h-7zM7 19a1.8 1.8 0 1 0 0-3.6A1.8 1.8 0 0 0 7 19zm10 0a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z",  # noqa: E501
    "upload": "M12 16V4.5m-5 5 5-5 5 5M4.5 15v4.5h15V15",
    "user": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-7.5 8.5a7.5 7.5 0 0 1 15 0",
}  # fmt: skip


@cache
def icon(name: str, size: int = 20) -> Markup:
    """Decoration: what it means stands beside it, or in its button's label."""
    return Markup(
        '<svg class="icon" width="{0}" height="{0}" viewBox="0 0 24 24" aria-hidden="true" '
        'focusable="false"><path d="{1}"/></svg>'
    ).format(size, PATHS[name])
