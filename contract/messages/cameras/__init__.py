"""Messages about cameras: how they are, and what is done about them."""
