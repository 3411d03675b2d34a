"""What is known of tracks, and naming those that have gone quiet."""
