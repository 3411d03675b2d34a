"""Events, and how far each reader has been told of them."""
