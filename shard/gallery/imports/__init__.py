"""What is known of the pictures that were imported."""
