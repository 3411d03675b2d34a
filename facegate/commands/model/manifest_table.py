"""What is declared of a model, as a table."""

from rich.table import Table

from encoder.custom.manifest import ModelManifest


def manifest_table(manifest: ModelManifest) -> Table:
    """Return a table with a row for each thing that is declared."""
    table = Table("what", "as declared", title=f"{manifest.name}: vectors of {manifest.model}")
    for what, declared in _rows(manifest):
        table.add_row(what, declared)
    return table


def _rows(manifest: ModelManifest) -> list[tuple[str, str]]:
    side, three = manifest.size, f"3 channels, {manifest.channels}"
    shapes = {"nchw": f"n × 3 × {side} × {side}", "nhwc": f"n × {side} × {side} × 3"}
    scale = "each chip by its own mean and deviation" if manifest.whitened else _scale(manifest)
    margin = f", margin {manifest.margin:g} of the box" if manifest.alignment == "box" else ""
    return [
        ("preset", manifest.preset or "none"),
        ("file", manifest.source or "unknown"),
        ("SHA-256", manifest.digest),
        ("input", f"{manifest.input}: {shapes[manifest.layout]} ({manifest.layout}), {three}"),
        ("scale", scale),
        ("alignment", manifest.alignment + margin),
        ("output", f"{manifest.output}: {manifest.dimension} numbers"),
        ("chips at once", "any number" if manifest.batch is None else str(manifest.batch)),
        ("mirror image", "described, too" if manifest.mirror else "not used"),
    ]


def _scale(manifest: ModelManifest) -> str:
    return f"(x − {_numbers(manifest.mean)}) / {_numbers(manifest.std)}, x from 0 to 255"


def _numbers(three: tuple[float, float, float]) -> str:
    first, *others = (f"{number:g}" for number in three)
    return first if {first} == set(others) else f"({', '.join([first, *others])})"
