"""How a folder of pictures is read: which files are pictures, and whose face each shows."""
