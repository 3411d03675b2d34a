"""The demo: sample pictures, made-up days, and who walks in."""
