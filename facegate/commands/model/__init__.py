"""The commands `facegate model …`."""
