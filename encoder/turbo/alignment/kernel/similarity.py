"""The rotation, scale and shift that move points nearest to others, in double precision.

dlib finds it by a singular value decomposition (S. Umeyama, "Least-squares estimation of
transformation parameters between two point patterns", 1991, without its mirror images). In the
plane that comes to the two sums below.
"""

from encoder.turbo.numba_types import f8, strict_math


@strict_math
def similarity(points, others, which):
    """Return (a, b, c, d): x, y go to a x - b y + c, b x + a y + d.

    `points` begins with x and y of as many points as `which` has numbers: those of the points
    among the others to which they go.
    """
    count = which.size
    x, y, u, v = 0.0, 0.0, 0.0, 0.0
    for number in range(count):
        x += f8(points[2 * number])
        y += f8(points[2 * number + 1])
        u += f8(others[2 * which[number]])
        v += f8(others[2 * which[number] + 1])
    x, y, u, v = x / count, y / count, u / count, v / count
    along, across, size = 0.0, 0.0, 0.0
    for number in range(count):
        right, down = f8(points[2 * number]) - x, f8(points[2 * number + 1]) - y
        to_right = f8(others[2 * which[number]]) - u
        to_down = f8(others[2 * which[number] + 1]) - v
        along += right * to_right + down * to_down
        across += right * to_down - down * to_right
        size += right * right + down * down
    a, b = along / size, across / size
    return a, b, u - a * x + b * y, v - b * x - a * y
