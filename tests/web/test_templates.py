"""Rules that hold for every template."""

import ast
import re

import pytest

from souk.web.assets import Assets
from souk.web.templating import FOLDER, environment

TEMPLATES = sorted(FOLDER.rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_runs_or_styles_in_place(path):
    text = path.read_text()
    assert not re.search(r"\son[a-z]+\s*=", text), "handlers are for modules"
    assert not re.search(r"\sstyle\s*=", text), "styles are for style sheets"
    assert "javascript:" not in text
    for script in re.findall(r"<script[^>]*>", text):
        assert 'nonce="{{ visit.nonce }}"' in script


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_only_texts_of_its_own_are_taken_for_html(path):
    """Jinja takes what `_()` gives for HTML: whatever comes from elsewhere goes by `said()`."""
    assert not re.search(r"\b_\(\s*[^\s\"]", path.read_text())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_changes_something_carries_its_token(path):
    for form in re.findall(r'<form[^>]*method="post".*?</form>', path.read_text(), re.DOTALL):
        assert "{{ csrf() }}" in form


def test_no_page_hides_what_all_templates_may_use():
    """A page that calls something of its own `csrf` or `shared` takes that from its whole frame."""
    known = environment(Assets()).globals.keys()
    for path in sorted(FOLDER.parent.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in ("page", "render"):
                given = {keyword.arg for keyword in call.keywords}
                assert not given & known, f"{path.name}:{call.lineno}"
