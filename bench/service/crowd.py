"""Who is enrolled and who comes: from ../shared/lfw where it is, else the demo's samples."""

from dataclasses import dataclass
from pathlib import Path

from tests.pictures import SHARED, sample

HOME = "home"
OTHERS = ("north", "south")
MEMBERS, MEMBERS_ELSEWHERE, STRANGERS = 60, 20, 40


@dataclass(frozen=True)
class Crowd:
    """JPEG files: who is enrolled in each store by name, other pictures of those of `home`, and
    pictures of people whom no store knows."""

    enrolled: dict[str, dict[str, bytes]]
    members: list[bytes]
    strangers: list[bytes]

    def write(self, folder: Path) -> None:
        """Write the pictures to be imported, a folder for each store."""
        for store, people in self.enrolled.items():
            (folder / store).mkdir(parents=True)
            for name, jpeg in people.items():
                (folder / store / f"{name}_1.jpg").write_bytes(jpeg)


def crowd() -> Crowd:
    """Return the people of the benchmark, the same ones in every run."""
    lfw = SHARED / "lfw"
    return _of_lfw(lfw) if lfw.is_dir() else _of_samples()


def _of_lfw(folder: Path) -> Crowd:
    people = [sorted(person.glob("*.jpg")) for person in sorted(folder.iterdir())]
    twice = [files for files in people if len(files) > 1][:MEMBERS]
    once = [files[0] for files in people if len(files) == 1]
    elsewhere = {
        store: {f"{store}-{n}": once.pop().read_bytes() for n in range(MEMBERS_ELSEWHERE)}
        for store in OTHERS
    }
    at_home = {f"member-{n}": files[0].read_bytes() for n, files in enumerate(twice)}
    return Crowd(
        {HOME: at_home, **elsewhere},
        [files[1].read_bytes() for files in twice],
        [file.read_bytes() for file in once[:STRANGERS]],
    )


def _of_samples() -> Crowd:
    north, south = OTHERS
    return Crowd(
        {
            HOME: {"obama": sample("obama.jpg")},
            north: {"collins": sample("astronaut.png")},
            south: {},
        },
        [sample("obama2.jpg"), sample("obama3.jpg")],
        [sample("biden.jpg")],
    )
