"""dlib's five points and the chip that they give, in Python that numba compiles.

Imported at set-up alone. Every sum is made in dlib's order and precision, so that the same pixels
are looked at and the chips are the same to the bit.
"""
