"""What is seen in frames: motion, faces that are followed, the best shots of each."""
