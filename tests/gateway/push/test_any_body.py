"""Any body at all is answered 200, or refused with a code that is documented; never with 500."""

import asyncio
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzzing import fuzzed
from tests.gateway.fake_chain import ANNA, Chain
from tests.gateway.push.bodies import BOUNDARY, Body, bare_part, form_part, in_base64, joined
from tests.gateway.push.camera_shard import BROKEN, jpeg, push, pushed_to

PICTURE = jpeg(ANNA)
NAMES = st.sampled_from(
    [
        *("faceCapture", "dateTime", "faceId", "Events", "UTC", "RealUTC", "ObjectID", "Offset"),
        *("Length", "Type", "StructureInfo", "Seq", "UtcTime", "ObjectId", "observations", "track"),
        *("timestamp", "captured_at", "image", "FaceImage", "backgroundImage", "x", ""),
    ]
)
TEXTS = st.one_of(
    st.text(max_size=30),
    st.integers(-(10**20), 10**20).map(str),
    st.sampled_from(
        [
            *("2026-05-04T09:30:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59+14:00", "1e400"),
            *(
                in_base64(PICTURE),
                in_base64(BROKEN),
                "data:image/jpeg;base64," + in_base64(PICTURE),
            ),
        ]
    ),
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.none(), st.booleans(), st.integers(), st.floats()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
JSON = VALUES.map(lambda value: json.dumps(value).encode())
LINES = st.lists(st.tuples(NAMES, TEXTS), max_size=5).map(
    lambda pairs: "\r\n".join(f"Events[0].{name}={text}" for name, text in pairs).encode()
)


def element(name: str, inner: str) -> str:
    return (
        f'<{name or "a"} UtcTime="{inner[:5] if inner.isalnum() else ""}">{inner}</{name or "a"}>'
    )


XML = st.tuples(NAMES, st.lists(st.tuples(NAMES, TEXTS), max_size=4)).map(
    lambda drawn: element(drawn[0], "".join(element(name, text) for name, text in drawn[1])).encode(
        "utf-8", "replace"
    )
)
CONTENTS = st.one_of(
    st.binary(max_size=100), JSON, LINES, XML, st.just(PICTURE), st.just(BROKEN), st.just(b"")
)
PIECES = st.one_of(
    CONTENTS.map(bare_part),
    st.tuples(NAMES, CONTENTS).map(lambda drawn: form_part(drawn[0], drawn[1])),
)
FORMS = st.tuples(
    st.sampled_from(["mixed", "form-data", "x-mixed-replace"]),
    st.lists(PIECES, max_size=4),
    st.sampled_from([b"\r\n", b"\n"]),
    st.booleans(),
).map(lambda drawn: joined(drawn[0], *drawn[1], end=drawn[2], last=drawn[3]))
TYPES = st.sampled_from(
    [
        *("", "image/jpeg", "application/json", "text/xml", "application/x-www-form-urlencoded"),
        *("multipart/form-data", f"multipart/mixed; boundary={BOUNDARY}", "multipart/x; boundary="),
        'multipart/mixed; boundary=""',
    ]
)
BODIES = st.one_of(FORMS, st.builds(Body, TYPES, CONTENTS))


@pytest.fixture(scope="module")
def loop_and_chain(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[asyncio.AbstractEventLoop, Chain]]:
    loop = asyncio.new_event_loop()
    door = pushed_to(tmp_path_factory.mktemp("push"))
    yield loop, loop.run_until_complete(door.__aenter__())
    loop.run_until_complete(door.__aexit__(None, None, None))
    loop.close()


@fuzzed(150)
@given(body=BODIES)
def test_any_body_is_answered(
    loop_and_chain: tuple[asyncio.AbstractEventLoop, Chain], body: Body
) -> None:
    loop, chain = loop_and_chain

    answer = loop.run_until_complete(push(chain, body))

    assert answer.status_code == 200, answer.text
