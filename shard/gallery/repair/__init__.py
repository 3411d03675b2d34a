"""What can still be read of a damaged gallery, into a new one."""
