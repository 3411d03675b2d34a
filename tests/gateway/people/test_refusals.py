"""Refused means: nothing has changed. Every writing route, with every way of being refused."""

import asyncio
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import sqlalchemy as sa

from contract.vectors import pack, to_text
from gateway.record.people.schema import enrollments
from gateway.record.schema import metadata as record
from shard.gallery.schema import IS_CACHE
from shard.gallery.schema import metadata as gallery
from tests import plain_http
from tests.gateway.fake_chain import until
from tests.gateway.people.chain import Chain, running
from tests.shard.fakes import MODEL, picture_of, vector_of

VISITOR = 9
STORE = "/v1/stores/a"
MERGE = "/v1/faces/merge"
ODD_IDS = ["%20x", "x%20", ".%2e", "a%0ab", "x" * 101, "a%E2%80%8Bb", "%00"]
"""Ids that no route takes for a new one."""
ODD_MODELS = ["%20x", "x%20", ".%2e", "a%0ab", "x" * 201, "-x", "%00"]
ODD_NAMES = [" x", "x ", "..", ".", "a/b", "a\nb", "x" * 101, "a\u200bb", "\0", "a  b", "a\u3000b"]
PICTURE = picture_of(5)
OTHERS_PICTURE = picture_of(2)
HEADERS = {"X-Face-Model": MODEL, "Content-Type": "application/x-face-vectors"}
VECTOR = pack(vector_of(6)[None, :])
TEXT = to_text(vector_of(6))
NEW = {"face_id": "new", "vector": TEXT}
VECTORS = {"model": MODEL, "faces": [NEW]}
BAD_VECTORS: list[dict[str, Any]] = [
    *({"model": "other"}, {"model": "\0"}, {"faces": []}, {"faces": [NEW] * 257}, {"faces": None}),
    *({"faces": [NEW, {"face_id": name, "vector": TEXT}]} for name in ["v-new", *ODD_NAMES]),
    *({"faces": [NEW, {"face_id": "b", "vector": text}]} for text in ["", "x", "AAAA", TEXT[:8]]),
    {"faces": [NEW, {"face_id": "b"}]},
]
TOGETHER: dict[str, Any] = {
    **{"stores": ["a"], "model": MODEL, "vectors": TEXT, "frames": [1], "k": 1},
    **{"scope": "members", "rate": 0.01, "visitor_rate": 0.01, "templates": 0},
}
WRITTEN_MEANWHILE = {"audit", "audit_subjects", "cameras", "camera_hours", "clock"}
"""Tables of what cameras send and of what people ask, refused or not, and of what time it is."""
BAD_TOGETHER: list[dict[str, Any]] = [
    *({"vectors": text} for text in ["", "x", "AAAA"]),
    *({"frames": []}, {"frames": [1, 1]}, {"frames": [0]}, {"frames": [True]}, {"k": 0}),
    *({"stores": []}, {"stores": "a"}, {"scope": "own"}, {"rate": 0}, {"rate": "x"}),
    *({"places": [[False, 1]]}, {"templates": -1}),
]
BAD_DRAFTS: list[Any] = [
    *({"name": "x" * 201}, {"name": "a\u200bb"}, {"name": 7}, {"tags": [""]}, {"tags": ["\0"]}),
    *({"tags": ["x"] * 33}, {"nmae": "x"}, {"profile": []}, {"consent": {"cross_store": "x"}}),
    *({"profile": {"x": "y" * 20_000}}, [], "x", None),
]
BAD_CONSENTS: list[dict[str, Any]] = [
    *({"text": text} for text in ("", " ", "a\u200bb", "x" * 101, None)),
    *({"taken_by": text} for text in ("", "\0", "x" * 201)),
    *({"at": text} for text in ("noon", "2999-01-01T00:00:00Z")),
    *({"at": "1999-01-01T00:00:00Z"}, {"cross_store": True}),
]
BAD_JSON = [
    *(b'{"profile": {"a": "\\ud83d"}}', b'{"profile": {"a": NaN}}', b'{"profile": {"a": 1e999}}'),
    *(b'{"profile": {"a": "\\u0000"}}', b'{"profile": {"a": 1, "a": 2}}', b"{", b"", b"\xff"),
    *(b'{"name": "a", "name": "b"}', b'{"profile": {"a": 9007199254740993}}'),
    b'{"profile": {"a": ' + b"[" * 200 + b"]" * 200 + b"}}",
]
JSON = {"headers": {"Content-Type": "application/json"}}


class Try(NamedTuple):
    """A request that is refused. `path` has its own parameters; `given` goes to the client."""

    path: str
    given: dict[str, Any]
    codes: tuple[int, ...] = (400, 404, 409, 412, 415, 422)


def asked(path: str, *codes: int, **given: Any) -> Try:
    return Try(path, given, codes) if codes else Try(path, given)


def bad_bodies(path: str) -> list[Try]:
    given = [asked(path, 422, json=draft) for draft in BAD_DRAFTS]
    return given + [asked(path, 422, content=raw, **JSON) for raw in BAD_JSON]


def faces(base: str, name: str) -> list[Try]:
    """Return the ways to be refused that enrolments have at the gateway and at the shard."""
    path = f"{base}/faces"
    odd = [{"face_id": text} for text in ["", *ODD_NAMES]]
    odd += [{"face_id": "new", "member_id": text} for text in ODD_NAMES]
    odd += [{"face_id": "new", "source": text} for text in ["a\nb", "\0", "x" * 1001]]
    odd += [{}, {"face_id": "v-new"}, {"face_id": "new", "force": "maybe"}]
    tries = [asked(path, 400, 422, params=query, content=PICTURE) for query in odd]
    form = {"image": ("x.jpg", PICTURE)}
    tries += [asked(path, 400, 422, data=query, files=form) for query in odd]
    for member in ({}, {"member_id": name}, {"member_id": "m-new"}):
        query = {"face_id": "new", **member}
        pictures = [b"", b"faces", b"faces 5 6", b"nonsense", b"faces 5 blurred", b"crash"]
        tries += [asked(path, 400, 422, params=query, content=raw) for raw in pictures]
        if member != {"member_id": "m-1"}:  # whose face it is
            tries.append(asked(path, 409, params=query, content=picture_of(1, take="0.05")))
    unlike = {"face_id": "anna", "member_id": "m-1"}
    return [
        *tries,
        asked(path, 409, params={"face_id": "anna", "member_id": "m-2"}, content=picture_of(1)),
        asked(path, 409, params={"face_id": "anna", "member_id": "m-new"}, content=OTHERS_PICTURE),
        asked(path, 409, params=unlike, content=OTHERS_PICTURE),
    ]


GATEWAY: dict[tuple[str, str], list[Try]] = {
    ("POST", "/v1/visitors/reconcile"): [
        *(
            asked("/v1/visitors/reconcile", 404, params={"store": text})
            for text in ("x", "", "a\0")
        ),
    ],
    ("POST", "/v1/stores/{store}/recognize"): [
        asked("/v1/stores/x/recognize", content=PICTURE),
        asked(f"{STORE}/recognize", content=b""),
        asked(f"{STORE}/recognize", content=b"nonsense", headers={"Idempotency-Key": "k"}),
        asked(f"{STORE}/recognize", content=b"nonsense", params={"camera": "c", "frame": "1"}),
        asked(f"{STORE}/recognize", content=PICTURE, headers={"Idempotency-Key": b"\xe9"}),
        *(
            asked(f"{STORE}/recognize", content=PICTURE, params=query)
            for query in [
                *({name: text} for name in ("camera", "track") for text in ("", "\0", "a\u200bb")),
                *({"camera": "c", "frame": text} for text in ("", "\0", "x" * 101)),
                *({"frame": "1"}, {"candidates": 99}, {"captured_at": "noon"}, {"mint": "x"}),
                {"captured_at": "2020-01-01T00:00:00Z"},
            ]
        ),
    ],
    # Without a key of the admin; tests/gateway/access tries what else is refused.
    ("POST", "/v1/keys"): [asked("/v1/keys", 401, json={"name": "x", "role": "admin"})],
    ("POST", "/v1/keys/{key}/rotate"): [asked("/v1/keys/fg_00000000/rotate", 401, json={})],
    ("DELETE", "/v1/keys/{key}"): [asked("/v1/keys/fg_00000000", 401)],
    ("DELETE", "/v1/sessions/{session}"): [asked("/v1/sessions/0123456789abcdef", 401)],
    ("DELETE", "/v1/stores/{store}/cameras/{camera}"): [
        asked("/v1/stores/x/cameras/door", 404),
        *(asked(f"{STORE}/cameras/{text}", 400) for text in ("%00", "%20", "a%E2%80%8Bb")),
    ],
    ("POST", "/v1/stores/{store}/cameras/{camera}/push"): [
        asked("/v1/stores/x/cameras/c/push", 404, content=PICTURE),
        *(asked(f"{STORE}/cameras/{text}/push", 422) for text in ("%00", "a%E2%80%8Bb", "x" * 101)),
        *(
            asked(f"{STORE}/cameras/c/push", 422, params={name: text})
            for name in ("track", "frame")
            for text in ("", "\0", "x" * 101)
        ),
        asked(f"{STORE}/cameras/c/push", 400, headers={"Idempotency-Key": b"\xe9"}),
    ],
    ("POST", "/v1/stores/{store}/faces"): [
        *faces(STORE, "m-1"),
        asked("/v1/stores/x/faces", 404, params={"face_id": "new"}, content=PICTURE),
    ],
    ("DELETE", "/v1/stores/{store}/faces/{face_id}"): [
        asked(f"{STORE}/faces/nobody", 404),
        asked("/v1/stores/x/faces/anna", 404),
        *(asked(f"{STORE}/faces/{text}", 400, 404) for text in ODD_IDS),
    ],
    ("DELETE", "/v1/stores/{store}/faces/{face_id}/templates/{template_id}"): [
        asked(f"{STORE}/faces/anna/templates/999", 404),
        asked(f"{STORE}/faces/nobody/templates/1", 404),
        asked(f"{STORE}/faces/bo/templates/2", 409),
        *(asked(f"{STORE}/faces/anna/templates/{text}", 422) for text in ("x", "-1", "9" * 30)),
        asked(f"{STORE}/faces/a%00/templates/1", 400, 404),
        asked("/v1/stores/x/faces/anna/templates/1", 404),
    ],
    ("POST", "/v1/stores/{store}/faces/{face_id}/rename"): [
        *(
            asked(f"{STORE}/faces/anna/rename", 400, 404, 409, 422, json={"face_id": text})
            for text in ["", "bo", "carl", "anna", "v-new", *ODD_NAMES]
        ),
        asked(f"{STORE}/faces/nobody/rename", 404, json={"face_id": "new"}),
        asked("/v1/stores/x/faces/anna/rename", 404, json={"face_id": "new"}),
        *(asked(f"{STORE}/faces/{x}/rename", 400, 404, json={"face_id": "new"}) for x in ODD_IDS),
        *bad_bodies(f"{STORE}/faces/anna/rename"),
    ],
    ("POST", "/v1/stores/{store}/faces/vectors"): [
        asked("/v1/stores/x/faces/vectors", 404, json=VECTORS),
        *(asked(f"{STORE}/faces/vectors", json={**VECTORS, **bad}) for bad in BAD_VECTORS),
        *bad_bodies(f"{STORE}/faces/vectors"),
    ],
    ("POST", "/v1/stores/{store}/faces/likeness"): [
        asked(f"{STORE}/faces/likeness", content=b"nonsense"),
        asked("/v1/stores/x/faces/likeness", 404, content=PICTURE),
    ],
    ("POST", "/v1/search"): [asked("/v1/search", content=b"nonsense")],
    ("POST", "/v1/compare"): [asked("/v1/compare", content=b"nonsense")],
    ("PUT", "/v1/members/{member_id}"): [
        *bad_bodies("/v1/members/m-1"),
        *bad_bodies("/v1/members/m-new"),
        *(asked(f"/v1/members/{text}", 400, 404, json={"name": "x"}) for text in ODD_IDS),
        asked("/v1/members/m-1", 412, json={"name": "x"}, headers={"If-None-Match": "*"}),
        asked("/v1/members/m-1", 412, json={"name": "x"}, headers={"If-Match": '"old"'}),
        asked("/v1/members/m-new", 412, json={"name": "x"}, headers={"If-Match": "*"}),
        *(
            asked(f"/v1/members/{name}", 400, json={"consent": {"at": "2999-01-01T00:00:00Z"}})
            for name in ("m-1", "m-new")
        ),
    ],
    ("DELETE", "/v1/members/{member_id}"): [
        *(asked(f"/v1/members/{text}", 400, 404) for text in ["nobody", *ODD_IDS]),
        *(asked(f"/v1/members/{text}?erase=true", 400, 404) for text in ["nobody", *ODD_IDS]),
        asked("/v1/members/m-1?erase=perhaps", 422),
    ],
    ("PUT", "/v1/members/{member_id}/consent"): [
        *(
            asked("/v1/members/m-1/consent", 400, 409, 422, json={"text": "2", **odd})
            for odd in BAD_CONSENTS
        ),
        *(asked(f"/v1/members/{x}/consent", 400, 404, json={"text": "2"}) for x in ODD_IDS),
        asked("/v1/members/nobody/consent", 404, json={"text": "2"}),
        *bad_bodies("/v1/members/m-1/consent"),
    ],
    ("DELETE", "/v1/members/{member_id}/consent"): [
        *(asked(f"/v1/members/{text}/consent", 400, 404) for text in ["nobody", *ODD_IDS]),
    ],
    ("PUT", "/v1/members/{member_id}/faces/{store}/{face_id}"): [
        asked("/v1/members/m-1/faces/x/bo", 404),
        asked("/v1/members/m-1/faces/a/nobody", 404),
        asked("/v1/members/nobody/faces/a/carl", 404),
        asked("/v1/members/m-1/faces/a/bo", 409),
        *(asked(f"/v1/members/m-1/faces/a/{text}", 400, 404) for text in ODD_IDS),
        *(asked(f"/v1/members/{text}/faces/a/carl", 400, 404) for text in ODD_IDS),
    ],
    ("DELETE", "/v1/members/{member_id}/faces/{store}/{face_id}"): [
        asked("/v1/members/m-1/faces/x/anna", 404),
        asked("/v1/members/m-1/faces/a/bo", 404),
        asked("/v1/members/m-1/faces/a/nobody", 404),
        asked("/v1/members/nobody/faces/a/anna", 404),
        *(asked(f"/v1/members/m-1/faces/a/{text}", 400, 404) for text in ODD_IDS),
        *(asked(f"/v1/members/m-1/faces/{text}/anna", 400, 404) for text in ODD_IDS),
        *(asked(f"/v1/members/{text}/faces/a/anna", 400, 404) for text in ODD_IDS),
    ],
    ("POST", "/v1/members.csv"): [
        *(
            asked("/v1/members.csv", 400, content=text)
            for text in (b"", b"name\nx\n", b"\xff\xfe", b"member_id,nmae\nm-9,x\n", b"\0")
        ),
    ],
    ("POST", "/v1/imports"): [
        asked("/v1/imports?partial=perhaps", 422, content=b"member_id\n"),
        asked("/v1/imports?more=perhaps", 422, content=b"member_id\n"),
    ],
    ("POST", "/v1/imports/{job}/parts"): [
        asked("/v1/imports/nobody/parts?part=2", 404, content=b"m-9\n"),
        asked("/v1/imports/a%00/parts?part=2", 422, content=b"m-9\n"),
        *(asked(f"/v1/imports/x/parts?part={text}", 422) for text in ("1", "0", "x", "9" * 30)),
    ],
    ("DELETE", "/v1/imports/{job}"): [
        asked("/v1/imports/nobody", 404),
        asked("/v1/imports/a%00", 422),
    ],
    ("POST", "/v1/faces/merge"): [
        *(
            asked(MERGE, 400, 404, 409, 422, json={"into": into, "from": source})
            for into, source in [
                ({"store": "a", "face_id": "anna"}, {"store": "a", "face_id": "anna"}),
                ({"store": "a", "face_id": "anna"}, {"store": "a", "face_id": "bo"}),
                ({"store": "a", "face_id": "anna"}, {"store": "a", "face_id": "nobody"}),
                ({"store": "a", "face_id": "nobody"}, {"store": "a", "face_id": "anna"}),
                ({"store": "a", "face_id": "anna"}, {"store": "x", "face_id": "anna"}),
                ({"store": "a", "face_id": "anna"}, {"store": "a", "face_id": "\0"}),
                ({"store": "a", "face_id": "anna"}, {"store": "a"}),
                ({"store": "a", "face_id": "carl"}, {"store": "b", "face_id": "dora"}),
            ]
        ),
        *bad_bodies(MERGE),
    ],
    ("POST", "/v1/faces/merge/{merge}/undo"): [
        *(asked(f"{MERGE}/{number}/undo", 404, 422) for number in ("999", "x", "-1", "9" * 30)),
    ],
    ("POST", "/v1/stores/{store}/faces/{face_id}/not"): [
        *(
            asked(f"{STORE}/faces/anna/not", 400, 404, 409, 422, json=body)
            for body in [
                *({}, {"visit": "x"}, {"visit": "999"}, {"visit": "9" * 30}, {"face_id": "anna"}),
                *({"store": "x", "face_id": "bo"}, {"face_id": "\0"}, {"face_id": "annas"}),
                {"face_id": "bo", "visit": "1"},
            ]
        ),
        asked(f"{STORE}/faces/a%00/not", 400, 404, json={"face_id": "bo"}),
        asked(f"{STORE}/faces/anna/not", 404, json={"face_id": "nobody"}),
        asked(f"{STORE}/faces/nobody/not", 404, json={"face_id": "anna"}),
        asked("/v1/stores/x/faces/anna/not", 404, json={"face_id": "bo"}),
        *bad_bodies(f"{STORE}/faces/anna/not"),
    ],
    ("POST", "/v1/demo"): [asked("/v1/demo", 403), asked("/v1/demo?days=0", 422)],
    ("DELETE", "/v1/stores/{store}/models/{model}"): [
        asked(f"{STORE}/models/{MODEL}", 409),
        asked("/v1/stores/x/models/other", 404),
        *(asked(f"{STORE}/models/{text}", 404, 422) for text in ODD_MODELS),
    ],
    ("DELETE", "/v1/demo"): [],  # is never refused
    ("PUT", "/v1/webhooks/{webhook}"): [
        *(
            asked("/v1/webhooks/hook", 400, 403, 404, 422, json=body)
            for body in [
                *({}, {"url": "ftp://x"}, {"url": "http://10.0.0.1/"}, {"url": "http://x\0"}),
                *({"url": "https://example.org/", "store": text} for text in ("x", "\0", "")),
                {"url": "https://example.org/", "secret": "short"},
            ]
        ),
        *(asked(f"/v1/webhooks/{text}", 404, 422, json={}) for text in ("a%20b", "a%00", "é")),
        *bad_bodies("/v1/webhooks/hook"),
    ],
    ("DELETE", "/v1/webhooks/{webhook}"): [
        *(asked(f"/v1/webhooks/{text}", 404, 422) for text in ("nobody", "a%00", "a%20b")),
    ],
}
PUSH = "/v1/stores/{store}/cameras/{camera}/push"
GATEWAY["PUT", PUSH] = GATEWAY["POST", PUSH]

LESSON = {"visit": "1", "quality": 1.0}
SHARD: dict[tuple[str, str], list[Try]] = {
    ("POST", "/recognize"): [asked("/recognize", content=b"nonsense")],
    ("POST", "/encode"): [asked("/encode", content=b"nonsense")],
    ("POST", "/compare"): [asked("/compare", content=b"nonsense")],
    ("POST", "/search"): [asked("/search", content=b"x", headers=HEADERS)],
    ("POST", "/search/together"): [
        *(asked("/search/together", json={**TOGETHER, **bad}) for bad in BAD_TOGETHER),
        *bad_bodies("/search/together"),
    ],
    ("POST", "/faces/mint"): [
        asked("/faces/mint", content=b"x", headers=HEADERS),
        asked("/faces/mint", content=b"", headers={**HEADERS, "X-Face-Model": "other"}),
        asked("/faces/mint", content=b"\0" * 32, headers=HEADERS),
        asked("/faces/mint?rate=7", content=b"", headers=HEADERS),
    ],
    ("POST", "/faces"): faces("", "m-1"),
    ("POST", "/faces/apart"): [
        asked("/faces/apart", content=b"x", headers=HEADERS),
        asked("/faces/apart", content=b"\0" * 32, headers=HEADERS),
        asked("/faces/apart?other=%00", content=VECTOR, headers=HEADERS),
        asked("/faces/apart?other=nobody", content=VECTOR, headers=HEADERS),
    ],
    ("POST", "/faces/{face_id}/learned"): [
        *(
            asked(
                f"/faces/{text}/learned", 400, 404, params=LESSON, content=VECTOR, headers=HEADERS
            )
            for text in ["nobody", *ODD_IDS]
        ),
        asked("/faces/anna/learned", params=LESSON, content=b"x", headers=HEADERS),
        asked("/faces/anna/learned", params=LESSON, content=2 * VECTOR, headers=HEADERS),
        asked("/faces/anna/learned", 422, content=VECTOR, headers=HEADERS),
    ],
    ("DELETE", "/faces/{face_id}/learned"): [
        *(asked(f"/faces/{text}/learned", 400, 404) for text in ["nobody", *ODD_IDS]),
    ],
    ("DELETE", "/faces/{face_id}"): [
        *(asked(f"/faces/{text}", 400, 404) for text in ["nobody", *ODD_IDS]),
    ],
    ("DELETE", "/faces/{face_id}/templates/{template_id}"): [
        *(asked(f"/faces/anna/templates/{text}", 404, 422) for text in ("999", "x", "-1")),
        asked("/faces/bo/templates/2", 409),
    ],
    ("PUT", "/bindings"): [
        *(
            asked("/bindings", 422, json={"faces": {"anna": None, "carl": bad}})
            for bad in (
                *(
                    {"member_id": text, "cross_store": True}
                    for text in ["", "a\0", "a\nb", "x" * 101]
                ),
                {"member_id": "m-1"},
                "m-1",
            )
        ),
        asked("/bindings", 422, json={"faces": {"anna": None, "a\0": None}}),
        asked("/bindings", 422, json={"faces": {}}),
        *bad_bodies("/bindings"),
    ],
    ("POST", "/faces/{face_id}/confirm"): [
        *(asked(f"/faces/{text}/confirm", 400, 404) for text in ["nobody", *ODD_IDS]),
    ],
    ("PUT", "/faces/{face_id}/name"): [
        *(
            asked("/faces/anna/name", 400, 404, 409, 422, json={"face_id": text})
            for text in ["", "bo", "carl", *ODD_NAMES]
        ),
        asked("/faces/nobody/name", 404, json={"face_id": "new"}),
        *bad_bodies("/faces/anna/name"),
    ],
    ("POST", "/faces/vectors"): [
        *(asked("/faces/vectors", json={**VECTORS, **bad}) for bad in BAD_VECTORS),
        *bad_bodies("/faces/vectors"),
    ],
    ("POST", "/faces/likeness"): [asked("/faces/likeness", content=b"nonsense")],
    ("POST", "/known-faces"): [
        *(asked("/known-faces", 400, 422, json={"face_ids": ids}) for ids in ([], ["a\0"], "anna")),
        *bad_bodies("/known-faces"),
    ],
    ("PUT", "/faces/{face_id}/not"): [
        *(asked("/faces/anna/not", 400, 422, json={"other": text}) for text in ("", "a\0", "\n")),
        asked("/faces/nobody/not", 404, json={"other": "anna"}),
        asked("/faces/anna/not", 404, json={"other": "nobody"}),
        *bad_bodies("/faces/anna/not"),
    ],
    ("PUT", "/merges/{merge}"): [
        *(
            asked("/merges/7", 400, 404, 409, 422, json={"into": into, "source": source})
            for into, source in [
                *(("anna", "nobody"), ("nobody", "anna"), ("anna", "\0"), ("\n", "anna")),
                *((None, "nobody"), ("anna", "anna")),
            ]
        ),
        asked("/merges/a%00", 422, json={"into": "anna", "source": "bo"}),
        *bad_bodies("/merges/7"),
    ],
    ("DELETE", "/merges/{merge}"): [asked("/merges/a%00", 422)],
    ("DELETE", "/models/{model}"): [
        asked(f"/models/{MODEL}", 409),
        *(asked(f"/models/{text}", 404, 422) for text in ODD_MODELS),
    ],
    ("DELETE", "/set-aside"): [
        *(
            asked("/set-aside", 400, 422, params={"before": text})
            for text in ("", "tomorrow", "z", "9")
        ),
        asked("/set-aside", 422),
    ],
    ("POST", "/erase"): [
        asked("/erase", 400, 422, json={"face_ids": ["anna", "a\0"]}),
        asked("/erase", 400, 422, json={"face_ids": ["anna"], "member_id": "a\0"}),
        asked("/erase", 422, json={"face_ids": "anna"}),
        *(asked("/erase", 422, content=raw, **JSON) for raw in [*BAD_JSON[5:], b"null", b"[]"]),
    ],
}
"""`null` and text are no objects: what an order may leave out is not what was sent."""


def writing_routes(openapi: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (method.upper(), path)
        for path, operations in openapi["paths"].items()
        for method in operations
        if method not in {"get", "head", "options"}
    }


def tables_of(url: str, metadata: sa.MetaData) -> dict[str, list[str]]:
    """Return what is in every table of a database."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(repr, connection.execute(sa.select(table)).all()))
            for table in metadata.sorted_tables
            if IS_CACHE not in table.info  # written in the background, of what else is stored
            and table.name not in WRITTEN_MEANWHILE
        }
    engine.dispose()
    return found


async def state(chain: Chain) -> dict[str, Any]:
    """Return everything that the services know: tables, and whom the indexes name."""
    known: dict[str, Any] = {"record": tables_of(chain.settings["record_url"], record)}
    for file in sorted(chain.folder.rglob("gallery.sqlite3")):
        known[str(file)] = tables_of(f"sqlite:///{file}", gallery)
    for store, [shard] in chain.shards.items():
        async with plain_http.AsyncClient(base_url=f"http://127.0.0.1:{shard.port}") as http:
            status = (await http.get("/status")).json()
            known[f"{store} status"] = status["counts"], status["seq"]
            for person in (1, 2, 3, 4, 5, VISITOR):
                seen = (await http.post("/recognize", content=picture_of(person))).json()["faces"]
                known[f"{store} {person}"] = [(face["face_id"], face["member"]) for face in seen]
    return known


@pytest.fixture
async def peopled(slow: None, tmp_path: Path, record_url: str) -> Any:
    """Two stores with members, a FaceId of nobody, a visitor, a distinction and a webhook."""
    async with running(tmp_path, stores=("a", "b"), settings={"record_url": record_url}) as chain:
        await chain.put_member("m-1", True, name="Anna", tags=["vip"])
        await chain.put_member("m-2", False, name="Bo")
        await chain.enroll("a", 1, "anna", member_id="m-1", source="x/anna.jpg")
        await chain.enroll("a", 2, "bo", member_id="m-2")
        await chain.enroll("a", 3, "carl")
        await chain.enroll("b", 4, "dora")
        await chain.enroll("b", 11, "annas")
        await chain.call("PUT", "/v1/members/m-1/faces/b/annas")
        await chain.sees("a", VISITOR)
        await chain.sees("b", 1)
        path = "/v1/stores/a/faces/carl/not"
        await chain.call("POST", path, json={"store": "b", "face_id": "dora"})
        yield chain


async def test_what_the_gateway_refuses_changes_nothing(peopled: Chain) -> None:
    openapi = await peopled.call("GET", "/openapi.json")
    assert writing_routes(openapi) == set(GATEWAY)

    await _refused(peopled, peopled.http, GATEWAY)


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
async def test_what_a_shard_refuses_changes_nothing(peopled: Chain) -> None:
    [shard] = peopled.shards["a"]
    async with plain_http.AsyncClient(base_url=f"http://127.0.0.1:{shard.port}") as http:
        openapi = (await http.get("/openapi.json")).json()
        assert writing_routes(openapi) == set(SHARD)

        await _refused(peopled, http, SHARD)


async def _refused(
    chain: Chain, http: httpx.AsyncClient, routes: dict[tuple[str, str], list[Try]]
) -> None:
    before = await state(chain)
    for (method, route), tries in routes.items():
        for path, given, codes in tries:
            answer = await http.request(method, path, **given)
            what = f"{method} {route}: {path} {given} {answer.status_code} {answer.text}"
            assert answer.status_code in codes, what
            assert answer.headers["content-type"] == "application/problem+json", what
        after = await state(chain)
        assert {key: value for key, value in after.items() if before[key] != value} == {}, route


async def test_one_of_two_who_want_a_face_id_at_once_leaves_nothing_behind(chain: Chain) -> None:
    async def enroll(member: str) -> int:
        answer = await chain.http.post(
            "/v1/stores/a/faces",
            params={"face_id": "x", "member_id": member},
            content=picture_of(1, take=member),
        )
        return answer.status_code

    for _ in range(5):
        codes = await asyncio.gather(*(enroll(f"m-{number}") for number in range(6)))

        assert sorted(codes) == [201] + [409] * 5
        winner = f"m-{codes.index(201)}"
        record = await chain.call("GET", "/v1/stores/a/faces/x")
        assert (record["member"]["member_id"], len(record["templates"])) == (winner, 1)
        page = await chain.call("GET", "/v1/members")
        assert [member["member_id"] for member in page["members"]] == [winner]
        await chain.call("DELETE", f"/v1/members/{winner}?erase=true")


async def test_an_enrolment_that_was_interrupted_is_brought_to_an_end(chain: Chain) -> None:
    """The gateway went away when the shard had stored the face, and when it had not."""
    await chain.enroll("a", 2, "bo")
    await chain.stop_gateway()
    [shard] = chain.shards["a"]
    async with plain_http.AsyncClient(base_url=f"http://127.0.0.1:{shard.port}") as http:
        query = {"face_id": "anna", "member_id": "m-1"}
        assert (await http.post("/faces", params=query, content=picture_of(1))).status_code == 201
    engine = sa.create_engine(f"sqlite:///{chain.folder / 'gateway.sqlite'}")
    with engine.begin() as connection:
        for face_id in ("anna", "bo", "carl"):
            values = {"enrollment": face_id, "store": "a", "face_id": face_id, "until": 1}
            connection.execute(sa.insert(enrollments).values(member_id="m-1", **values))
    engine.dispose()

    await chain.start_gateway()

    async def ended() -> bool:
        answer = await chain.http.get("/v1/members/m-1")
        return answer.status_code == 200

    await until(ended)
    member = await chain.call("GET", "/v1/members/m-1")
    assert [face["face_id"] for face in member["faces"]] == ["anna"]
    await chain.put_member("m-2", True)

    async def is_free() -> bool:
        answer = await chain.http.put("/v1/members/m-2/faces/a/bo")
        return answer.status_code == 200

    await until(is_free)  # it was promised to m-1


async def test_a_face_id_that_is_being_enrolled_is_given_to_nobody_else(chain: Chain) -> None:
    await chain.enroll("a", 1, "x")
    await chain.put_member("m-2", True)
    engine = sa.create_engine(f"sqlite:///{chain.folder / 'gateway.sqlite'}")
    with engine.begin() as connection:
        values = {"enrollment": "e", "store": "a", "face_id": "x", "until": 2**62}
        connection.execute(sa.insert(enrollments).values(member_id="m-1", **values))
    engine.dispose()

    bound = await chain.refused("PUT", "/v1/members/m-2/faces/a/x")
    query = {"face_id": "x", "member_id": "m-2"}
    enrolled = await chain.refused("POST", "/v1/stores/a/faces", params=query, content=b"faces 1 b")
    same = await chain.enroll("a", 1, "x", member_id="m-1")

    assert bound == enrolled == (409, "ALREADY_BOUND")
    assert same["member"]["member_id"] == "m-1"
