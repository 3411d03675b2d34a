"""Watching cameras: `facegate camera` and `facegate cameras`."""
