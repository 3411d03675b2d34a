import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from facegate.command import main
from tests.facegate.fake_gateway import TRAFFIC, FakeGateway
from tests.ports import free_port


def run(*arguments: str | Path, gateway: FakeGateway | None = None) -> Result:
    url = ["--url", gateway.url] if gateway else []
    return CliRunner().invoke(main, [*map(str, arguments), *url], catch_exceptions=False)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, content in {
        "li_0.jpg": b"li si",
        "wang_0.jpg": b"wang wu",
        "empty_0.jpg": b"no face",
    }.items():
        (folder / name).write_bytes(content)
    return folder


def test_stores_are_listed(gateway: FakeGateway) -> None:
    result = run("stores", gateway=gateway)

    assert result.exit_code == 0
    assert "门店 B" in result.stdout
    assert "The a" in result.stdout


def test_footfall_is_shown_as_a_table_as_json_and_as_csv(gateway: FakeGateway) -> None:
    gateway.raw += [(200, {}, json.dumps(TRAFFIC).encode())] * 3

    table = run("traffic", "门店 B", gateway=gateway).stdout
    as_json = json.loads(run("traffic", "门店 B", "--json", gateway=gateway).stdout)
    as_csv = run("traffic", "--by", "week", "--from", "2026-05-04", "--csv", gateway=gateway).stdout

    for text in ("Visits to 门店 B", "day (Asia/Shanghai)", "2026-05-04", "61.5", "all"):
        assert text in table
    assert "visitors, estimated: 4, in 95 of 100 cases 3 to 5" in table
    assert as_json == {**as_json, **TRAFFIC, "rows": as_json["rows"], "so_far": False}
    assert as_csv.splitlines() == [
        "start,pv,uv,new,returning,roaming,members,dwell_s,faces_unfit,"
        "uv_estimate,uv_low,uv_high,new_estimate,new_low,new_high,returning_estimate,returning_low,returning_high",
        "2026-05-04,5,4,2,3,1,2,61.5,7,4,3,5,1,0,2,4,3,5",
        "2026-05-05,0,0,0,0,0,0,,0,,,,,,,,,",  # of a gateway that tells no estimates
    ]
    assert gateway.asked[-1][0] == "/v1/traffic?by=week&from=2026-05-04"


def test_footfall_of_a_day_under_way_says_so(gateway: FakeGateway) -> None:
    days = [
        {**TRAFFIC["rows"][0], "start": "2026-05-04", "state": "whole", "pv": 12_345_678},
        {**TRAFFIC["rows"][0], "start": "2026-05-05", "state": "so far"},
        {**TRAFFIC["rows"][1], "start": "2026-05-06", "state": "to come"},
    ]
    now = {**TRAFFIC, "rows": days, "so_far": True, "counted_until": "2026-05-05T15:20"}
    earlier = {**TRAFFIC, "pv": 4, "rows": TRAFFIC["rows"]}
    gateway.raw += [(200, {}, json.dumps({**now, "earlier": earlier}).encode())] * 2

    table = run("traffic", "a", "--against", "7", gateway=gateway).stdout
    as_csv = run("traffic", "a", "--csv", gateway=gateway).stdout

    assert "so far, until 2026-05-05T15:20" in table
    assert "2026-05-05, so far" in table
    assert "12345678" in table
    assert "7 days before, up to the same time: 4 visits, 4 visitors (+25% visits now)" in table
    assert as_csv.splitlines()[-1] == "2026-05-06" + "," * 17


def test_enrolled_pictures_are_recognised(gateway: FakeGateway, pictures: Path) -> None:
    enrolled = run("enroll", "门店 B", "li", pictures / "li_0.jpg", gateway=gateway)
    table = run("recognize", "a", pictures / "li_0.jpg", gateway=gateway)

    assert (enrolled.exit_code, table.exit_code) == (0, 0)
    for text in ("li_0.jpg", "li of 门店 B", "enrolled", "roaming", "0.90", "2/3, c: timeout"):
        assert text in table.stdout


def test_the_best_candidates_are_shown_passing_or_not(gateway: FakeGateway, pictures: Path) -> None:
    run("enroll", "门店 B", "li", pictures / "li_0.jpg", gateway=gateway)
    run("enroll", "a", "wang", pictures / "wang_0.jpg", gateway=gateway)

    table = run("recognize", "a", pictures / "li_0.jpg", "--candidates", "2", gateway=gateway)

    for text in ("· wang", "3.25", "passes", "· li of 门店 B", "2.25"):
        assert text in table.stdout


def test_frames_of_a_track_are_sent_as_such(gateway: FakeGateway, pictures: Path) -> None:
    frames = [pictures / "li_0.jpg", pictures / "wang_0.jpg"]

    result = run("recognize", "a", *frames, "--track", "7", "--json", gateway=gateway)

    tracks = [answer["faces"][0]["track"] for answer in json.loads(result.stdout)]
    assert tracks == [{"id": "7", "frames": 2}] * 2


def test_a_face_that_is_enrolled_as_somebody_else_is_a_question(
    gateway: FakeGateway, pictures: Path
) -> None:
    run("enroll", "a", "wang", pictures / "li_0.jpg", gateway=gateway)

    refused = run("enroll", "a", "li", pictures / "li_0.jpg", gateway=gateway)
    told = run("enroll", "a", "li", pictures / "li_0.jpg", "--json", gateway=gateway)
    known = set(gateway.stores["a"].faces)
    forced = run("enroll", "a", "li", pictures / "li_0.jpg", "--force", gateway=gateway)

    assert (refused.exit_code, known) == (1, {"wang"})
    assert "already enrolled as wang; --force enrols it anyway" in " ".join(refused.stderr.split())
    [answer] = json.loads(told.stdout)
    assert answer["error"]["code"] == "ALREADY_ENROLLED"
    assert answer["error"]["warnings"][0]["face_id"] == "wang"
    assert forced.exit_code == 0
    assert "already enrolled as wang" in forced.stderr
    assert "enrolled as li in a" in forced.stdout


def test_an_import_leaves_out_whoever_is_enrolled_as_somebody_else(
    gateway: FakeGateway, pictures: Path
) -> None:
    run("enroll", "a", "wang", pictures / "li_0.jpg", gateway=gateway)

    imported = run("import", "a", pictures, gateway=gateway)

    assert imported.exit_code == 1
    assert "li_0.jpg left out" in imported.stdout
    assert "already enrolled as wang" in imported.stdout
    assert "li" not in gateway.stores["a"].faces


def test_an_import_names_what_it_leaves_out_and_ends_with_1(
    gateway: FakeGateway, pictures: Path
) -> None:
    result = run("import", "a", pictures, gateway=gateway)

    assert result.exit_code == 1
    assert "empty_0.jpg left out: No face in the picture" in result.stdout
    assert "1 refused" in result.stdout
    assert "2 enrolled" in result.stdout


def test_an_import_says_what_it_passes_over_and_what_may_help(
    gateway: FakeGateway, tmp_path: Path
) -> None:
    folder = tmp_path / "camera"
    (folder / "@eaDir").mkdir(parents=True)
    (folder / "notes\nof mine.txt").write_bytes(b"hello")
    (folder / "IMG_1.jpg").write_bytes(b"wang")

    result = run("import", "a", folder, gateway=gateway)

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "@eaDir passed over: a folder that the system keeps for itself",
        "notes\\u000aof mine.txt passed over: not a picture",
        "IMG: cameras and telephones begin the names of their pictures so, whoever is on them;"
        " put each person's pictures into a folder of their name",
        "a: 2 passed over, 1 enrolled",
    ]


def test_a_second_import_without_refusals_ends_with_0(gateway: FakeGateway, pictures: Path) -> None:
    (pictures / "empty_0.jpg").unlink()
    run("import", "a", pictures, gateway=gateway)
    (pictures / "wang_0.jpg").unlink()

    result = run("import", "a", pictures, gateway=gateway)

    assert result.exit_code == 0
    assert "wang_0.jpg no longer in the folder" in result.stdout
    assert "1 unchanged, 1 removed" in result.stdout


def test_a_refused_picture_does_not_hide_the_others(gateway: FakeGateway, pictures: Path) -> None:
    (pictures / "crowd.jpg").write_bytes(b"crowd")
    names = [pictures / "crowd.jpg", pictures / "wang_0.jpg"]

    recognized = run("recognize", "a", *names, "--json", gateway=gateway)
    enrolled = run("enroll", "a", "x", *names, "--json", gateway=gateway)

    for result in (recognized, enrolled):
        assert result.exit_code == 1
        refused, taken = json.loads(result.stdout)
        assert refused["error"]["code"] == "SEVERAL_FACES"
        assert "error" not in taken


def test_faces_are_listed_and_forgotten(gateway: FakeGateway, pictures: Path) -> None:
    run("import", "a", pictures, gateway=gateway)

    listed = run("faces", "a", gateway=gateway)
    erased = run("forget", "a", "li", gateway=gateway)
    again = run("forget", "a", "li", gateway=gateway)

    assert "wang" in listed.stdout
    assert "erased li from a: 1 vector\n" in erased.stdout
    assert (again.exit_code, again.stderr) == (1, "facegate: Unknown FaceId (UNKNOWN_FACE)\n")


def test_what_was_not_erased_is_not_said_to_be(gateway: FakeGateway, pictures: Path) -> None:
    run("enroll", "a", "li", pictures / "li_0.jpg", gateway=gateway)
    gateway.down = True

    result = run("forget", "a", "li", gateway=gateway)

    assert result.exit_code == 1
    assert "not erased everywhere yet: li from a" in result.stdout
    assert "the shard of a: unavailable" in " ".join(result.stdout.split())
    assert "vectors" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "field", "expected"),
    [
        (["stores"], "store", ["a", "门店 B"]),
        (["faces", "a"], "face_id", ["li"]),
        (["recognize", "a", "{li}"], "store", ["a"]),
        (["enroll", "a", "li", "{li}"], "outcome", ["enrolled"]),
        (["import", "a", "{folder}"], "outcome", ["refused", "enrolled", "enrolled"]),
        (["forget", "a", "li"], "face_id", ["li"]),
    ],
)
def test_every_command_speaks_json(
    gateway: FakeGateway,
    pictures: Path,
    arguments: Sequence[str],
    field: str,
    expected: list[str],
) -> None:
    run("enroll", "a", "li", pictures / "li_0.jpg", gateway=gateway)
    places = {"li": pictures / "li_0.jpg", "folder": pictures}

    result = run(*(text.format(**places) for text in arguments), "--json", gateway=gateway)

    answer = json.loads(result.stdout)
    items = answer if isinstance(answer, list) else [answer]
    assert [item[field] for item in items] == expected


def test_the_url_may_come_from_the_environment(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEGATE_URL", gateway.url)

    assert run("stores").exit_code == 0


def test_an_unknown_store_is_one_line_and_1(gateway: FakeGateway, pictures: Path) -> None:
    for arguments in (["faces", "c"], ["recognize", "c", pictures / "li_0.jpg"]):
        result = run(*arguments, gateway=gateway)

        assert result.exit_code == 1
        assert result.stderr == "facegate: Unknown store: no store 'c' (UNKNOWN_STORE)\n"


def test_no_gateway_is_one_line_and_3() -> None:
    result = run("stores", "--url", f"http://127.0.0.1:{free_port()}")

    assert result.exit_code == 3
    assert result.stderr.startswith("facegate: no answer from the gateway at http://127.0.0.1:")


@pytest.mark.parametrize(
    "arguments",
    [
        ["recognize", "a"],
        ["recognize", "a", "/no/such/picture.jpg"],
        ["import", "a", "/no/such/folder"],
        ["stores", "--url", "127.0.0.1:8000"],
        ["up", "--port", "0"],
        ["dance"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_help_names_every_command_and_the_exit_codes() -> None:
    result = run("--help")

    assert result.exit_code == 0
    for text in (*main.commands, "Exit codes"):
        assert text in result.stdout
