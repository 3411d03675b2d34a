"""The page of footfall: figures, charts and tables over made-up days."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route, expect

from tests.gateway.fake_chain import Chain, running, three_stores
from tests.pages.browser import Visitor, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chain]:
    """Three stores with made-up visits of fifteen days."""
    folder = tmp_path_factory.mktemp("traffic")
    async with running(folder, three_stores(), demo=True) as chain:
        chain.http.timeout = 60
        made = await chain.http.post("/v1/demo", params={"days": 15})
        assert made.json()["visits"] > 500
        yield chain


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(chromium: Browser, demo: Chain) -> AsyncIterator[Visitor]:
    async with visiting(chromium, str(demo.http.base_url)) as visitor:
        yield visitor


async def figure(visitor: Visitor, name: str) -> int:
    text = await visitor.text(f".figure:has(dt:text-is('{name}')) dd:not(.muted)")
    return int(text.replace(",", ""))


async def test_the_figures_are_those_of_the_api(visitor: Visitor, demo: Chain) -> None:
    await visitor.goes_to("/traffic?span=week&store=store-b")
    await expect(visitor.page.locator("#report")).to_have_attribute("aria-busy", "false")

    shown = [await figure(visitor, name) for name in ("Visits", "Visitors", "New", "Roaming")]

    last = await visitor.page.locator("#date").input_value()
    asked = await visitor.page.get_attribute("#csv", "href")
    assert asked is not None
    answer = (await demo.http.get(asked.replace("&format=csv", ""))).json()
    assert answer["rows"][-1]["start"] == last
    assert shown == [answer[name] for name in ("pv", "uv", "new", "roaming")]


async def test_the_chart_is_drawn_and_the_table_says_the_same(visitor: Visitor) -> None:
    await visitor.goes_to("/traffic")
    await expect(visitor.page.locator("#chart canvas")).to_be_visible()

    await visitor.page.get_by_text("Show as a table").click()

    rows = visitor.page.locator("#rows tr")
    await expect(rows).to_have_count(7)
    visits = [
        int(text.replace(",", ""))
        for text in await rows.locator("td:nth-child(2)").all_inner_texts()
    ]
    assert sum(visits) == await figure(visitor, "Visits") > 0


async def test_a_band_a_sentence_and_a_column_say_how_many_it_really_were(
    visitor: Visitor, demo: Chain
) -> None:
    await visitor.goes_to("/traffic?span=week&store=store-b")
    await expect(visitor.page.locator("#chart canvas")).to_be_visible()
    asked = await visitor.page.get_attribute("#csv", "href")
    assert asked is not None
    answer = (await demo.http.get(asked.replace("&format=csv", ""))).json()

    sentence = await visitor.text("#estimate")
    await visitor.page.get_by_text("Show as a table").click()
    column = await visitor.page.locator("#rows td:nth-child(4)").all_inner_texts()
    drawn = await visitor.page.evaluate("document.getElementById('chart').drawn.chart.data")

    of_all = answer["uv_estimate"]
    of_rows = [row["uv_estimate"] for row in answer["rows"]]
    assert all(f"{of_all[part]:,}" in sentence for part in ("value", "low", "high"))
    assert column == ["–".join(sorted({f"{e['low']}", f"{e['high']}"}, key=int)) for e in of_rows]
    assert drawn[1:3] == [[each[part] for each in of_rows] for part in ("high", "low")]
    assert await visitor.accessibility() == []


@pytest.mark.parametrize(
    ("span", "rows"), [("Day", 24), ("7 days", 7), ("4 weeks", 28), ("12 weeks", 12)]
)
async def test_every_period_can_be_chosen_and_stays_in_the_address(
    visitor: Visitor, span: str, rows: int
) -> None:
    await visitor.goes_to("/traffic")

    await visitor.page.get_by_label(span, exact=True).check()
    await expect(visitor.page.locator("#rows tr")).to_have_count(rows)
    await visitor.page.reload()

    await expect(visitor.page.locator("#rows tr")).to_have_count(rows)
    assert await visitor.accessibility() == []


async def test_earlier_weeks_are_compared_with_those_before_them(visitor: Visitor) -> None:
    await visitor.goes_to("/traffic?span=week")
    await expect(visitor.page.locator("#later")).to_be_disabled()
    await expect(visitor.page.locator("#figures")).to_contain_text("on the week before")

    await visitor.page.locator("#earlier").click()

    await expect(visitor.page.locator("#later")).to_be_enabled()
    await expect(visitor.page.locator("#rows tr")).to_have_count(7)


async def test_a_day_under_way_is_shown_up_to_now(visitor: Visitor, demo: Chain) -> None:
    """At 15:20 by the browser and the gateway: the answer is the real one, moved to that time."""
    asked: list[str] = []

    async def at_twenty_past_three(route: Route) -> None:
        asked.append(route.request.url)
        answer = await route.fetch()
        body = await answer.json()
        for place, row in enumerate(body["rows"]):
            row["state"] = "whole" if place < 15 else "so far" if place == 15 else "to come"
        body |= {"so_far": True, "counted_until": f"{body['from'][:10]}T15:20", "pv": 122}
        body["earlier"] |= {"pv": 100}
        await route.fulfill(response=answer, json=body)

    await visitor.page.route("**/v1/traffic?*", at_twenty_past_three)
    await visitor.goes_to("/traffic?span=day")

    first = visitor.page.locator(".figure").first
    await expect(first).to_contain_text("+22 % on the same day last week, up to the same time")
    await expect(visitor.page.locator("#so-far")).to_contain_text("until 15:20")
    assert "against=7" in asked[0]
    rows = visitor.page.locator("#rows tr")
    await visitor.page.get_by_text("Show as a table").click()
    await expect(rows.nth(15).locator("th")).to_have_text("15:00, so far")
    assert (await rows.nth(16).locator("td").all_inner_texts())[:2] == ["–", "–"]
    drawn = await visitor.page.evaluate("document.getElementById('chart').drawn.chart.data")
    *begun, before = drawn[1:]
    assert [line[16:] for line in begun] == [[None] * 8] * 4
    assert None not in before
    assert all(None not in line[:16] for line in begun)


async def test_a_day_that_is_over_is_compared_as_a_whole(visitor: Visitor) -> None:
    await visitor.goes_to("/traffic?span=day")
    await visitor.page.locator("#earlier").click()

    await expect(visitor.page.locator("#figures")).to_contain_text("last week")
    await expect(visitor.page.locator("#figures")).not_to_contain_text("up to the same time")
    await expect(visitor.page.locator("#so-far")).to_be_hidden()


async def test_the_matrix_says_who_roams_where(visitor: Visitor, demo: Chain) -> None:
    await visitor.goes_to("/traffic?span=month")
    cell = visitor.page.locator("#matrix tr", has_text="store-a").locator("td").nth(1)
    await expect(cell).to_contain_text("people")

    href = await visitor.page.get_attribute("#roaming-csv", "href")
    assert href is not None
    rows = (await demo.http.get(href)).text.splitlines()
    found = next(row for row in rows if row.startswith("store-a,store-b,"))
    assert (await cell.inner_text()).split()[0] == found.split(",")[2]


async def test_a_gateway_that_fails_is_told_and_asked_again(visitor: Visitor) -> None:
    await visitor.page.route("**/v1/traffic?*", lambda route: route.abort("timedout"))
    await visitor.goes_to("/traffic")
    await expect(visitor.page.get_by_role("alert")).to_contain_text("does not answer")
    await visitor.page.unroute("**/v1/traffic?*")

    await visitor.page.get_by_role("button", name="Try again").click()

    await expect(visitor.page.get_by_role("alert")).to_have_count(0)
    assert await figure(visitor, "Visits") > 0
    visitor.errors.clear()


async def test_demo_data_is_marked_and_can_be_removed(visitor: Visitor) -> None:
    await visitor.goes_to("/traffic")
    await expect(visitor.page.locator(".demo")).to_contain_text("made-up people")

    await visitor.page.get_by_role("button", name="Remove it").click()

    await expect(visitor.page.locator(".demo")).to_have_count(0)
    await expect(visitor.page.locator("#no-visits")).to_be_visible()
    assert await visitor.accessibility() == []
