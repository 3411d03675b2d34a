"""What the image's root is gathered from: this machine's Python stands in for the base image's."""

import importlib.util
import sys
from pathlib import Path

import pytest

from tests.project import ROOT

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not Path("/usr/bin/ldd").exists(), reason="needs ldd, as the image has"),
]

_spec = importlib.util.spec_from_file_location("image_root", ROOT / "deploy/image_root.py")
assert _spec is not None
assert _spec.loader is not None
image_root = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(image_root)


def test_libraries_are_those_of_the_system_that_modules_load() -> None:
    environment = Path(sys.prefix)

    found = image_root.libraries(environment, ROOT / "deploy")

    names = {path.name for path in found}
    assert {"libc.so.6", "libm.so.6", "libstdc++.so.6"} <= names
    assert any(name.startswith("ld-linux") for name in names)
    assert not [path for path in found if path.is_relative_to(environment)]


def test_a_chain_of_links_is_copied_link_by_link(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3.12").write_bytes(b"Python")
    (tmp_path / "bin/python3").symlink_to("python3.12")
    (tmp_path / "python").symlink_to("bin/python3")
    root = tmp_path / "root"

    links = [*image_root.chain(tmp_path / "python")]
    for link in links:
        image_root.copy_file(link, root)

    assert [link.name for link in links] == ["python", "python3", "python3.12"]
    copied = image_root.within(root, tmp_path / "python")
    assert copied.is_symlink()
    assert copied.read_bytes() == b"Python"


def test_a_folder_comes_without_what_is_never_imported(tmp_path: Path) -> None:
    library = tmp_path / "lib/python"
    for path in ("json/decoder.py", "test/test_json.py", "site-packages/pip.py"):
        (library / path).parent.mkdir(parents=True, exist_ok=True)
        (library / path).touch()
    root = tmp_path / "root"

    image_root.copy_folder(library, root, without=image_root.NEVER_IMPORTED)

    copied = image_root.within(root, library)
    assert [path.name for path in copied.rglob("*.py")] == ["decoder.py"]
