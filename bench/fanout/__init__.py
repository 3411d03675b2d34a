"""What a face costs that its home store does not know, with 3, 20 and 100 other stores."""
