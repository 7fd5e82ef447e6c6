"""The report in a browser: it can be read, walked through, sorted and filtered, and asks nobody."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import dlt
import pytest

from ampersand import ampersand_source, create_views
from ampersand.tables import TABLES_OF_COLLECTIONS
from ampersand_pipelines.cli import main
from ampersand_pipelines.demo import load_demo
from ampersand_pipelines.sandbox import SandboxServer
from tests.support.many import many_times

if TYPE_CHECKING:
    from tests.support.browser import Browser, Scheme

pytestmark = pytest.mark.browser

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "report.png"

WIDTHS = (400, 1280, 1920)


def _report(database: Path) -> Path:
    file = database.with_suffix(".html")
    assert main(["report", "--duckdb", str(database), "--out", str(file)]) == 0
    return file


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on the demo's account."""
    folder = tmp_path_factory.mktemp("demo")
    load_demo(folder / "demo.duckdb", folder / "work", lambda text: None)
    return _report(folder / "demo.duckdb")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on an account of more than 500 integrations."""
    folder = tmp_path_factory.mktemp("many")
    pipeline = dlt.pipeline(
        "many",
        destination=dlt.destinations.duckdb(str(folder / "many.duckdb")),
        dataset_name="ampersand_data",
        pipelines_dir=str(folder / "work"),
    )
    with SandboxServer(many_times(17)) as api:
        everything = list(TABLES_OF_COLLECTIONS)
        pipeline.run(ampersand_source(api_key="any", base_url=api.url, collections=everything))
    create_views(pipeline)
    return _report(folder / "many.duckdb")


@pytest.fixture
def page(demo: Path) -> "Iterator[Browser]":
    """The demo's report."""
    from tests.support.browser import browse

    with browse(demo) as browser:
        yield browser


def _shown(page: "Browser", place: str, column: int) -> list[str]:
    """What is to be seen in a column of the first table of a place that can be filtered."""
    rows: list[str] = page.run(
        """
        const controls = document.querySelector(`${arguments[0]} .controls`);
        const rows = [...controls.nextElementSibling.querySelectorAll("tbody tr")];
        return rows.filter((row) => row.checkVisibility()).map(
            (row) => row.cells[arguments[1]].innerText);
        """,
        place,
        column,
    )
    return rows


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["demo", "many"])
def test_it_can_be_read(
    name: str, width: int, scheme: "Scheme", request: pytest.FixtureRequest
) -> None:
    from tests.support.browser import browse

    file: Path = request.getfixturevalue(name)
    with browse(file, width, scheme) as page:
        assert page.said() == []
        assert page.asked_for() == [file.as_uri()]
        assert page.run("return document.documentElement.scrollWidth") == width
        dark = page.run("return getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, dark[4:-1].split(","))) < 100) == (scheme == "dark")
        if name == "many":  # of rows that are alike, some are enough
            page.run("for (const row of document.querySelectorAll('tr[hidden]')) row.remove()")
        assert page.what_shuts_people_out() == {}
        page.run("for (const each of document.querySelectorAll('details')) each.open = true")
        assert page.what_shuts_people_out() == {}
        assert page.said() == page.asked_for() == []


def test_long_tables_show_all_when_asked(many: Path) -> None:
    from tests.support.browser import browse

    with browse(many) as page:
        assert page.run("return document.body.scrollHeight") < 15_000
        place = "#integrations .block:nth-of-type(2)"
        assert len(_shown(page, place, 0)) == 10
        page.run(f"document.querySelector('{place} .all').click()")
        assert len(_shown(page, place, 0)) == 510


def test_tables_sort(page: "Browser") -> None:
    def sort(column: int) -> str:
        return str(
            page.run(
                """
                const table = document.querySelector("#health table");
                table.tHead.querySelectorAll("button")[arguments[0]].click();
                return table.tHead.rows[0].cells[arguments[0]].ariaSort;
                """,
                column,
            )
        )

    before = _shown(page, "#health", 0)
    assert len(before) == 10
    assert sort(0) == "ascending"
    names = _shown(page, "#health", 0)
    assert names == sorted(names) != before
    assert sort(0) == "descending"
    assert _shown(page, "#health", 0)[0] > names[-1]
    assert sort(3) == "descending"
    numbers = [int(text) for text in _shown(page, "#health", 3)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) > 1
    assert page.run("return document.querySelectorAll('#health [aria-sort]').length") == 1


def test_tables_filter(page: "Browser") -> None:
    from selenium.webdriver.common.by import By

    box = page.driver.find_element(By.CSS_SELECTOR, "#destinations input")
    assert box.accessible_name == "Filter Destinations"
    box.send_keys("UNUSED")
    assert _shown(page, "#destinations", 0) == ["lanternfish-retired-hook"]
    assert page.run("return document.querySelector('#destinations output').value") == "1 of 17"
    box.send_keys(" nowhere")
    assert _shown(page, "#destinations", 0) == []
    box.clear()
    box.send_keys(" ")
    assert len(_shown(page, "#destinations", 0)) == 10


def test_it_works_by_keyboard(page: "Browser") -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    def press(*keys: str) -> None:
        ActionChains(page.driver).send_keys(*keys).perform()

    press(Keys.TAB)
    assert page.driver.switch_to.active_element.text == "Skip to the report"
    assert page.run("return document.activeElement.getBoundingClientRect().left") >= 0
    press(Keys.ENTER)
    assert page.driver.switch_to.active_element.get_attribute("id") == "main"
    press(Keys.TAB)
    assert page.driver.switch_to.active_element.text.split() == ["2", "Projects"]
    outline = "return getComputedStyle(document.activeElement).outlineStyle"
    assert page.run(outline) == "solid"
    page.run("document.querySelector('#findings summary').focus()")
    press(Keys.ENTER)
    assert page.run("return document.querySelector('#findings details').open")


def test_paper_has_what_is_folded_in(page: "Browser") -> None:
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    visible = """
        return [...document.querySelectorAll(arguments[0])].filter(
            (each) => each.checkVisibility({contentVisibilityAuto: true})).length
        """
    assert page.run(visible, "nav, .controls, .all, .skip") == 0
    assert page.run(visible, "#findings td") > 0
    assert page.print().startswith(b"%PDF")


def test_it_can_be_read_without_its_script(demo: Path, tmp_path: Path) -> None:
    from tests.support.browser import browse

    file = tmp_path / "plain.html"
    file.write_text(demo.read_text().replace("script-src", "x-src"))
    with browse(file) as page:
        assert page.run("return document.querySelectorAll('input, thead button').length") == 0
        rows = "return document.querySelectorAll('#destinations tbody tr:not([hidden])').length"
        assert page.run(rows) == 17


def test_the_picture_in_the_documents_is_small(page: "Browser", update_golden: bool) -> None:
    if update_golden:
        page.picture(PICTURE, 1000)
    assert PICTURE.read_bytes().startswith(b"\x89PNG")
    assert PICTURE.stat().st_size < 250_000
