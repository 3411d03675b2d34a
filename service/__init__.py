"""What both services are made of, whatever they serve: logs, settings, threads, background work."""
