"""People that Frigate has seen, shown to a store."""
