"""What goes wrong with a source."""


class SourceLost(Exception):
    """A source cannot be opened, has ended, or says nothing; the text is without passwords."""
