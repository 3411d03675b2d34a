"""Files of vectors: what is read of them, and what is said of those that hold something else."""

from pathlib import Path

import numpy as np
import pytest

from facegate.client.vector_file import BadVectorFile, read_vector_file


def read(path: Path) -> list[tuple[str, list[float]]]:
    return [(name, vector.tolist()) for name, vector in read_vector_file(path)]


def test_a_line_of_csv_is_a_face_id_and_its_numbers(tmp_path: Path) -> None:
    path = tmp_path / "faces.csv"
    path.write_text('\ufeff张三,0.5,-1\n"li, si",1e-3,2\n\n张三,1,1\n', encoding="utf-8")

    assert read(path) == [
        ("张三", [0.5, -1]),
        ("li, si", [pytest.approx(0.001), 2]),
        ("张三", [1, 1]),
    ]


def test_two_arrays_are_names_and_vectors(tmp_path: Path) -> None:
    path = tmp_path / "faces.npz"
    np.savez(path, names=np.array(["a", "b"]), vectors=np.array([[1, 2], [3, 4]]))

    assert read(path) == [("a", [1, 2]), ("b", [3, 4])]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there are no vectors in it"),
        ("a\n", "line 1: 0 numbers"),
        ("a,1,2\nb,1\n", "line 2: 1 numbers, 2 are expected"),
        ("a,1,x\n", "line 1: could not convert string to float"),
        ("a,1,2\nb,1,nan\n", "line 2: a number is not finite"),
        ("a,0,0\n", "line 1: a number is not finite, or all are zero"),
        ("a,1e300,0\n", "line 1: a number is not finite"),
        (",1,2\n", "line 1: the FaceId is empty"),
        ("a/b,1,2\n", "line 1: the FaceId 'a/b' has a slash"),
        ('a,"1\n', "line 2"),
        ("a,1,2\nb\0,1,2\n", "line 2"),
    ],
)
def test_what_is_no_vector_is_named_with_its_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "faces.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(BadVectorFile, match=reason):
        read(path)


def test_other_text_than_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "faces.csv"
    path.write_bytes("andré,1,2\n".encode("latin-1"))

    with pytest.raises(BadVectorFile, match="line 1"):
        read(path)


@pytest.mark.parametrize(
    "arrays",
    [
        {"vectors": np.ones((2, 2))},
        {"names": np.array(["a"]), "vectors": np.ones((2, 2))},
        {"names": np.array(["a", "b"]), "vectors": np.ones(2)},
        {"names": np.array([1, 2]), "vectors": np.ones((2, 2))},
        {"names": np.array(["a", "b"], dtype=object), "vectors": np.ones((2, 2))},
        {"names": np.array(["a", "b"]), "vectors": np.array([["x"], ["y"]])},
    ],
    ids=["no names", "fewer names", "one dimension", "numbers as names", "objects", "texts"],
)
def test_other_arrays_are_refused(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    path = tmp_path / "faces.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]  # its stub takes the first name for an option

    with pytest.raises(BadVectorFile, match="no "):
        read(path)


def test_what_is_no_npz_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "faces.npz"
    for content in (b"", b"PK\3\4", b"a,1,2\n"):
        path.write_bytes(content)
        with pytest.raises(BadVectorFile, match="no file of"):
            read(path)
