"""The rotation, scale and shift that move points nearest to others, in double precision.

dlib finds it by a singular value decomposition (S. Umeyama, "Least-squares estimation of
transformation parameters between two point patterns", 1991, without its mirror images). In the
plane that comes to the two sums below.
"""

from encoder.landmark_forests import POINTS
from encoder.network_kernel.sizes import exactly, f8


@exactly
def similarity(points, others):
    """Return (a, b, c, d): x, y go to a x - b y + c, b x + a y + d.

    Both begin with x and y of POINTS points.
    """
    x, y, u, v = 0.0, 0.0, 0.0, 0.0
    for number in range(0, 2 * POINTS, 2):
        x += f8(points[number])
        y += f8(points[number + 1])
        u += f8(others[number])
        v += f8(others[number + 1])
    x, y, u, v = x / POINTS, y / POINTS, u / POINTS, v / POINTS
    along, across, size = 0.0, 0.0, 0.0
    for number in range(0, 2 * POINTS, 2):
        right, down = f8(points[number]) - x, f8(points[number + 1]) - y
        to_right, to_down = f8(others[number]) - u, f8(others[number + 1]) - v
        along += right * to_right + down * to_down
        across += right * to_down - down * to_right
        size += right * right + down * down
    a, b = along / size, across / size
    return a, b, u - a * x + b * y, v - b * x - a * y
