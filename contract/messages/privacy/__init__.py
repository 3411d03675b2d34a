"""What those whose data it is may ask for."""
