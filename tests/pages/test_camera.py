"""Enrolment from the device's camera, with Chromium's fake one, real shards and a real face."""

import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, expect

from tests.cluster.processes import Cluster
from tests.pages.browser import CHROMIUM, browser, visiting
from tests.pictures import sample

pytestmark = pytest.mark.asyncio(loop_scope="session")

FRAMES = 30


@pytest.fixture(scope="module")
def store(processes: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One store with a real shard, nobody enrolled."""
    cluster = Cluster(tmp_path_factory.mktemp("camera"))
    cluster.add_store("west")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def filmed(picture: bytes, path: Path) -> Path:
    """Write a film of somebody who does not move, as Motion JPEG."""
    image = Image.open(io.BytesIO(picture)).convert("RGB").resize((640, 640)).crop((0, 0, 640, 480))
    frame = io.BytesIO()
    image.save(frame, "JPEG", quality=92)
    path.write_bytes(frame.getvalue() * FRAMES)
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def with_camera(
    processes: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Browser]:
    """A browser whose camera shows Eileen Collins."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    film = filmed(sample("astronaut.png"), tmp_path_factory.mktemp("film") / "collins.mjpeg")
    flags = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    async with browser(*flags) as chromium:
        yield chromium


async def test_a_member_is_enrolled_from_the_camera_and_recognised(
    with_camera: Browser, store: Cluster
) -> None:
    async with visiting(with_camera, store.gateway.url) as visitor:
        page = visitor.page
        await page.request.put(f"{visitor.url}/v1/members/m-1", data={"name": "Eileen Collins"})
        await visitor.goes_to("/members?member=m-1")
        await expect(page.locator("#who")).to_have_text("Eileen Collins")

        await page.get_by_role("button", name="From the camera").click()
        await expect(page.locator("#camera-take")).to_be_enabled()
        assert await visitor.accessibility() == []
        await page.locator("#camera-take").click()

        await expect(page.locator("#enrolled")).to_contain_text("Enrolled")
        recognize = f"{visitor.url}/v1/stores/west/recognize"
        answer = await page.request.post(recognize, data=sample("astronaut.png"))
        assert (await answer.json())["faces"][0]["member"]["name"] == "Eileen Collins"


async def test_the_camera_is_let_go_when_its_dialog_closes(
    with_camera: Browser, store: Cluster
) -> None:
    async with visiting(with_camera, store.gateway.url) as visitor:
        page = visitor.page
        await visitor.goes_to("/try")
        await page.get_by_role("button", name="Use the camera").click()
        await expect(page.locator("#camera-take")).to_be_enabled()

        await page.keyboard.press("Escape")

        await expect(page.locator("#camera-view")).to_have_js_property("srcObject", None)
        await expect(page.locator("#camera-dialog")).to_be_hidden()


async def test_a_picture_of_the_camera_is_tried(with_camera: Browser, store: Cluster) -> None:
    async with visiting(with_camera, store.gateway.url) as visitor:
        page = visitor.page
        await visitor.goes_to("/try")
        await page.get_by_role("button", name="Use the camera").click()
        await expect(page.locator("#camera-take")).to_be_enabled()
        await page.locator("#camera-take").click()

        await expect(page.locator("#result")).to_contain_text("One face")
        await expect(page.locator("#boxes .outline")).to_have_count(1)


async def test_a_device_without_a_camera_says_so(chromium: Browser, store: Cluster) -> None:
    async with visiting(chromium, store.gateway.url) as visitor:
        await visitor.goes_to("/try")

        await visitor.page.get_by_role("button", name="Use the camera").click()

        note = visitor.page.locator("#camera-note")
        await expect(note).to_contain_text("camera")
        await expect(note).not_to_contain_text("Starting")
        await expect(visitor.page.locator("#camera-take")).to_be_disabled()
