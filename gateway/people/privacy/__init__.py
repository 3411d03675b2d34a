"""What those whose data it is may ask for: everything that is known about them."""
