"""A letter as HTML that mail programs understand: tables, inline styles, light and dark."""

from __future__ import annotations

from html import escape

from souk.services.notifications.letters import STEPS, Figure, Letter, Line

FONT = (
    "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,"
    "sans-serif"
)
INK, SOFT, FAINT = "color:#1f2328", "color:#5c6670", "color:#8a929a"
ACCENT, RULE, PANEL = "#0f766e", "#e6e2da", "#f7f5f0"
TABLE = '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'
# Programs that know no dark mode leave these out; !important, as they compete with inline styles.
DARK = """
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .back { background: #14171a !important; }
  .card { background: #1d2125 !important; border-color: #2c3237 !important; }
  .panel { background: #262b30 !important; }
  .ink { color: #eef1f3 !important; }
  .soft { color: #b3bcc4 !important; }
  .faint { color: #8d97a0 !important; }
  .brand { color: #5eead4 !important; }
  .rule { border-color: #333a40 !important; }
  .todo { background: #333a40 !important; }
  .done { background: #2dd4bf !important; }
  .button { background: #2dd4bf !important; color: #08302c !important; }
}
@media (max-width: 480px) {
  .pad { padding-left: 22px !important; padding-right: 22px !important; }
}
"""


def page(letter: Letter) -> str:
    body = "".join(
        (
            _row(_brand(), top=32),
            _row(_heading(letter), top=22),
            _row(_steps(letter.steps_done), top=22),
            _row(_panel(letter), top=22),
            _row(_lines(letter.lines), top=16),
            _row(_sums(letter), top=10),
            _row(_address(letter.address), top=24),
            _row(_button(letter), top=28),
        )
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{escape(letter.subject)}</title>
<style>{DARK}</style>
</head>
<body class="back" style="margin:0;padding:0;background:#f1eee8;{FONT}">
<div style="display:none;max-height:0;overflow:hidden">{escape(letter.preview)}</div>
{TABLE} class="back" style="background:#f1eee8">
<tr><td align="center" style="padding:32px 12px">
{TABLE} class="card" style="max-width:600px;background:#ffffff;border:1px solid {RULE};\
border-radius:18px;text-align:left">
{body}
<tr><td style="height:36px;line-height:36px">&nbsp;</td></tr>
</table>
{_footer()}
</td></tr>
</table>
</body>
</html>
"""


def _row(content: str, *, top: int) -> str:
    if not content:
        return ""
    return f'<tr><td class="pad" style="padding:{top}px 40px 0">{content}</td></tr>\n'


def _brand() -> str:
    return (
        f'<div class="brand" style="font-size:22px;line-height:26px;font-weight:800;'
        f'letter-spacing:-0.6px;color:{ACCENT}">souk</div>'
    )


def _heading(letter: Letter) -> str:
    paragraphs = "".join(
        f'<p class="soft" style="margin:12px 0 0;font-size:16px;line-height:25px;{SOFT}">'
        f"{escape(text)}</p>"
        for text in letter.paragraphs
    )
    return (
        f'<h1 class="ink" style="margin:0;font-size:27px;line-height:34px;font-weight:700;'
        f'letter-spacing:-0.5px;{INK}">{escape(letter.heading)}</h1>{paragraphs}'
    )


def _steps(done: int) -> str:
    if not done:
        return ""
    gap = '<td style="padding:0 4px;font-size:0">&nbsp;</td>'
    cells = (_step(label, is_done=place < done) for place, label in enumerate(STEPS))
    return f"{TABLE}><tr>{gap.join(cells)}</tr></table>"


def _step(label: str, *, is_done: bool) -> str:
    bar, text = ("done", "ink") if is_done else ("todo", "faint")
    color = ACCENT if is_done else RULE
    return (
        f'<td width="33%"><div class="{bar}" style="height:5px;'
        f'border-radius:3px;font-size:0;line-height:0;background:{color}">&nbsp;</div>'
        f'<div class="{text}" style="padding-top:7px;font-size:13px;line-height:18px;'
        f'font-weight:600;{INK if is_done else FAINT}">{label}</div></td>'
    )


def _panel(letter: Letter) -> str:
    if not letter.facts:
        return ""
    facts = "".join(_fact(figure) for figure in letter.facts)
    return (
        f'{TABLE} class="panel" style="background:{PANEL};border-radius:12px">'
        f'<tr><td style="padding:7px 0">{TABLE}>{facts}</table></td></tr></table>'
    )


def _fact(figure: Figure) -> str:
    return (
        f'<tr><td class="soft" style="padding:7px 18px;font-size:14px;line-height:20px;{SOFT}">'
        f"{escape(figure.label)}</td>"
        f'<td align="right" class="ink" style="padding:7px 18px;font-size:15px;line-height:20px;'
        f'font-weight:600;{INK}">{escape(figure.value)}</td></tr>'
    )


def _lines(lines: tuple[Line, ...]) -> str:
    return f"{TABLE}>{''.join(map(_line, lines))}</table>" if lines else ""


def _line(line: Line) -> str:
    cell = f"padding:14px 0;border-bottom:1px solid {RULE}"
    detail = (
        f'<div class="soft" style="padding-top:2px;font-size:14px;line-height:20px;{SOFT}">'
        f"{escape(line.detail)}</div>"
        if line.detail
        else ""
    )
    return (
        f'<tr><td class="rule" style="{cell}"><div class="ink" style="font-size:16px;'
        f'line-height:22px;font-weight:600;{INK}">{escape(line.name)}</div>{detail}</td>'
        f'<td align="right" valign="top" class="rule ink" style="{cell};padding-left:16px;'
        f'font-size:16px;line-height:22px;white-space:nowrap;{INK}">{escape(line.price)}</td></tr>'
    )


def _sums(letter: Letter) -> str:
    rows = "".join(_sum(figure, "soft", f"font-size:15px;{SOFT}") for figure in letter.sums)
    if letter.total:
        rows += _sum(letter.total, "ink", f"font-size:19px;font-weight:700;{INK}")
    return f"{TABLE}>{rows}</table>" if rows else ""


def _sum(figure: Figure, kind: str, style: str) -> str:
    return (
        f'<tr><td class="{kind}" style="padding:5px 0;line-height:24px;{style}">'
        f"{escape(figure.label)}</td>"
        f'<td align="right" class="{kind}" style="padding:5px 0;line-height:24px;'
        f'white-space:nowrap;{style}">{escape(figure.value)}</td></tr>'
    )


def _address(address: tuple[str, ...]) -> str:
    if not address:
        return ""
    return (
        f'<div class="faint" style="font-size:13px;line-height:20px;font-weight:600;{FAINT}">'
        f'It goes to</div><div class="ink" style="padding-top:3px;font-size:15px;line-height:23px;'
        f'{INK}">{"<br>".join(map(escape, address))}</div>'
    )


def _button(letter: Letter) -> str:
    return (
        f'<a href="{escape(letter.button.url)}" class="button" style="display:inline-block;'
        f"padding:14px 26px;border-radius:12px;background:{ACCENT};color:#ffffff;font-size:16px;"
        f'line-height:20px;font-weight:700;text-decoration:none">{escape(letter.button.label)}</a>'
    )


def _footer() -> str:
    return (
        f'<div class="faint" style="max-width:520px;padding:20px 12px 0;font-size:13px;'
        f'line-height:20px;{FAINT}">You get this mail because of your order or your account '
        f"at Souk.</div>"
    )
