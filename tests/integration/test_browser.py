"""Mails and pages in a real browser: nothing that axe-core objects to, nothing to scroll sideways, light and dark."""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from digest.app import App, readers
from digest.config import Config, StoreSettings
from digest.config.settings import LinkSettings, WebSettings
from digest.model import Settings
from digest.render.specimens import SPECIMENS
from digest.web import Health, create_app, site_of
from tests.conftest import need_program
from tests.unit.render.golden import THEMES, renderer

SCHEMES = {"light": "1", "dark": "0"}
WIDTHS = (320, 760, 1200)
_RESULT = re.compile(r'<pre id="result">(.*?)</pre>', re.DOTALL)
_AXE = """<script>%s</script><script>addEventListener("load", async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  const said = document.createElement("pre");
  said.id = "result";
  said.textContent = JSON.stringify(found.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 120))]));
  document.body.append(said);
});</script>"""
_FRAMES = """<!DOCTYPE html><title>frames</title><body><script>
const told = [];
addEventListener("load", () => {
  for (const frame of document.querySelectorAll("iframe")) {
    const root = frame.contentDocument.documentElement;
    if (root.scrollWidth > root.clientWidth) told.push([frame.title, root.scrollWidth, root.clientWidth]);
  }
  const said = document.createElement("pre");
  said.id = "result";
  said.textContent = JSON.stringify(told);
  document.body.append(said);
});
</script>%s"""


class Browser:
    """Chromium without a window: opens a file and gives what a script in it wrote."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._folder = folder

    def told(self, page: str, *, scheme: str = "light") -> Any:
        """Return the JSON that the page's script left in its ``result``."""
        file = self._folder / "page.html"
        file.write_text(page, "utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={self._folder / 'profile'}"]
        options += [f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}", "--window-size=1280,2000"]
        options += ["--virtual-time-budget=20000", "--dump-dom", file.as_uri()]
        said = subprocess.run([self._program, *options], capture_output=True, timeout=60, check=True)
        found = _RESULT.search(said.stdout.decode("utf-8"))
        assert found is not None, said.stderr.decode()[-500:]
        return json.loads(html.unescape(found[1]))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """Return the browser; skip where there is none."""
    return Browser(need_program("chromium", debian="chromium"), tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="module")
def axe() -> str:
    """Return axe-core as a script; skip where it is not installed."""
    found = find_spec("axe_core_python")
    if found is None or found.origin is None:
        pytest.skip("axe-core is not installed (Python package: axe-core-python)")
    return (Path(found.origin).parent / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Return everything a reader can see in a browser or a mail program."""
    return dict([*_mails(), *_pages(tmp_path_factory.mktemp("pages"))])


def _mails() -> Iterator[tuple[str, str]]:
    for theme in THEMES:
        for number, of in enumerate(SPECIMENS):
            yield f"mail {theme} {number}", renderer(theme).message(of).html
    yield "page of a digest", renderer().page(SPECIMENS[0])


def _pages(folder: Path) -> Iterator[tuple[str, str]]:
    config = Config(
        store=StoreSettings(url="sqlite://"),
        web=WebSettings(base_url="https://digest.example"),
        links=LinkSettings(secret_file=folder / "secret"),
    )
    with App.open(config, now=SPECIMENS[0].composed_at) as app:
        wishes = [readers.Wish(query=query, settings=Settings()) for query in ("mamba", "tides " * 20)]
        reader, saved = readers.subscribe(app, readers.Person(address="ada@example.org"), wishes)
        client = create_app(site_of(app, lambda: Health(well=True, word=""))).test_client(use_cookies=False)
        manage = f"/manage/{app.links.token('manage', reader)}"
        leave = f"/unsubscribe/{app.links.token('unsubscribe', reader)}"
        yield "home", client.get("/").text
        yield "nothing there", client.get("/nothing").text
        yield "manage", client.get(manage).text
        wrong = {"part": str(saved[0].id), "query": "mamba OR (" + "state " * 30}
        yield "manage, mistaken", client.post(manage, data=wrong).text
        yield "unsubscribe", client.get(leave).text
        yield "unsubscribed", client.post(leave).text
        yield "manage, unsubscribed", client.get(manage).text


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_has_nothing_to_object_to(browser: Browser, axe: str, documents: Mapping[str, str], scheme: str) -> None:
    """All rules of axe-core, contrast too: every theme, every page, with a mistake in it or not."""
    script = _AXE % axe.replace("</script", "<\\/script")
    shown = [name for name in documents if not name.startswith("mail") or name.endswith("0")]
    found = {
        name: browser.told(documents[name].replace("</body>", f"{script}</body>"), scheme=scheme) for name in shown
    }
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_nothing_is_wider_than_the_screen(browser: Browser, documents: Mapping[str, str]) -> None:
    """From a phone to a desk, and with text of twice the size, nobody scrolls sideways to read."""
    frames = []
    for name, page in documents.items():
        frames += [_frame(f"{name}, {width} px", page, width) for width in WIDTHS]
        twice = page.replace("</head>", "<style>html{zoom:2}</style></head>", 1)
        frames.append(_frame(f"{name}, text twice as large", twice, 760))
    assert browser.told(_FRAMES % "\n".join(frames)) == []


def test_the_checks_themselves_can_fail(browser: Browser, axe: str) -> None:
    """Grey on grey in the dark alone is found in the dark alone; a table wider than a phone is found on a phone."""
    dark = "@media (prefers-color-scheme: dark) { p { color: #333; background: #222 } }"
    main = "<main><h1>Tides</h1><p>Why they rise</p></main>"
    page = f'<!DOCTYPE html><html lang="en"><title>x</title><style>{dark}</style>{main}'
    script = _AXE % axe.replace("</script", "<\\/script")
    assert browser.told(page + script, scheme="light") == []
    assert [name for name, _ in browser.told(page + script, scheme="dark")] == ["color-contrast"]
    wide = '<!DOCTYPE html><table width="400"><tr><td>x</td></tr></table>'
    assert [told[0] for told in browser.told(_FRAMES % (_frame("a", wide, 320) + _frame("b", wide, 760)))] == ["a"]


def _frame(title: str, page: str, width: int) -> str:
    return f'<iframe title="{html.escape(title)}" width="{width}" height="900" srcdoc="{html.escape(page)}"></iframe>'
