"""The door that takes what cameras push, in the shapes in which their makers have them push it."""
