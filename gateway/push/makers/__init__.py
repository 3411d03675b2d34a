"""What each maker calls the time, the track and the id of an event: a module for each."""
