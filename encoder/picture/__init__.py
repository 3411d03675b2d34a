"""From the bytes of a picture file to pixels, or to the reason why it is refused."""
