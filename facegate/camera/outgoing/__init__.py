"""What becomes of shots: they wait on disk, and go to the gateway."""
