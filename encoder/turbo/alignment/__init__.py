"""From the box of a face to its landmarks and the aligned face, compiled."""
