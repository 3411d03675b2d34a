"""The system as users start it: what a picture takes in all, and in which process."""
