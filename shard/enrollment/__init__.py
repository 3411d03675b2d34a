"""Pictures of people into the gallery."""
