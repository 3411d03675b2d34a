"""Answers about pictures as OpenAPI shows them."""

from contract.messages.recognition import (
    CompareAnswer,
    Coverage,
    RecognizeAnswer,
    RecognizedFace,
    SearchedFace,
    SearchPictureAnswer,
    Timing,
    VisitMark,
)
from gateway.http.examples import BOX, CANDIDATE, MEMBER_CARD, WHEN

_COVERAGE = Coverage(asked=3, answered=2, failed={"store-c": "timeout"}, complete=False)
_REQUEST = "5f0c6a1e9d5b4a0c8f0e8f3f6d7b9a21"
RECOGNIZED = RecognizeAnswer(
    store="store-b",
    faces=[
        RecognizedFace(
            box=BOX,
            match="roaming",
            face_id="095",
            store="store-a",
            kind="member",
            score=7.31,
            threshold=4.97,
            distance=0.31,
            member=MEMBER_CARD,
            visit=VisitMark(id="481516", new=True, count=4, returning=False),
            candidates=[CANDIDATE],
        )
    ],
    captured_at=WHEN,
    coverage=_COVERAGE,
    timing_ms=Timing(encode=31.2, home=33.0, fan_out=4.1, total=39.0),
    request_id=_REQUEST,
)
SEARCHED = SearchPictureAnswer(
    faces=[SearchedFace(box=BOX, match=CANDIDATE, candidates=[CANDIDATE])],
    coverage=_COVERAGE,
    request_id=_REQUEST,
)
COMPARED = CompareAnswer(same=True, score=7.31, threshold=-2.94, distance=0.31)
