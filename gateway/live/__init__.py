"""Events as they happen: the live feed and webhooks."""
