"""Who is found by each detector, and what that takes."""
