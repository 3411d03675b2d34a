"""Numbers of things in sentences."""


def counted(number: int, noun: str) -> str:
    """Return `1 store`, `2 stores`: `noun` is one of them."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
