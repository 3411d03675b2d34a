"""How many lines an import writes at once follows from how long the last ones took."""

from gateway.people.imports.lot_size import LotSize


def test_it_grows_by_steps_to_what_15_milliseconds_take() -> None:
    size = LotSize(in_turns=True)
    sizes = []
    for _ in range(6):
        size.fit(size.lines, seconds=size.lines * 0.0001)
        sizes.append(size.lines)

    assert sizes == [32, 64, 128, 150, 150, 150]


def test_it_grows_further_where_nobody_waits_for_it() -> None:
    size = LotSize(in_turns=False)
    for _ in range(6):
        size.fit(size.lines, seconds=size.lines * 0.0005)

    assert size.lines == 200


def test_it_shrinks_at_once_and_never_to_nothing() -> None:
    size = LotSize(in_turns=True)
    for _ in range(6):
        size.fit(size.lines, seconds=0.001)
    most = size.lines

    size.fit(most, seconds=0.15)
    tenth = size.lines
    size.fit(tenth, seconds=60)
    fewest = size.lines
    size.fit(1, seconds=0)

    assert (tenth, fewest) == (most // 10, 16)
    assert size.lines == 32
