"""What happens, told at once: the live feed and webhooks."""
