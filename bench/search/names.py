"""What the people are called."""


def name_of(number: int) -> str:
    """Return what the person of this number is called."""
    return f"m-{number:07}"
