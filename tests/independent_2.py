"""Problem 2 solved by other methods than the bank's: by tracing and by convolving real arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def independent_receptive_field(kernels: Sequence[int], strides: Sequence[int]) -> int:
    """The M of 2.3, by following every index back through the layers.

    Output index o of a layer without padding reads the inputs o*stride … o*stride + kernel - 1.
    The set of image columns that one output pixel depends on is collected; by symmetry the rows
    are the same.

    Args:
        kernels: Kernel sizes, first layer first.
        strides: Strides, first layer first.

    Returns:
        The extent of the set in pixels, from its first to its last column.
    """
    output = 3  # any one; not 0, so that strides and offsets would show
    needed = {output}
    for kernel, stride in list(zip(kernels, strides, strict=True))[::-1]:
        needed = {index * stride + offset for index in needed for offset in range(kernel)}
    return max(needed) - min(needed) + 1


def dependent_pixels(kernels: Sequence[int], strides: Sequence[int], size: int) -> int:
    """The M of 2.3 from the other side: change one pixel of a row and see whether the output does.

    Args:
        kernels: Kernel sizes, first layer first.
        strides: Strides, first layer first.
        size: Length of the row of pixels; the output must have at least one.

    Returns:
        Extent of the pixels on which the first output depends.
    """

    def first_output(row: NDArray[np.int64]) -> int:
        for kernel, stride in zip(kernels, strides, strict=True):
            starts = range(0, len(row) - kernel + 1, stride)
            row = np.array([row[start : start + kernel].sum() for start in starts])
        return int(row[0])

    ground = first_output(np.zeros(size, dtype=np.int64))
    moved = [
        pixel
        for pixel in range(size)
        if first_output(np.eye(1, size, pixel, dtype=np.int64)[0]) != ground
    ]
    return moved[-1] - moved[0] + 1


def convolve(
    image: NDArray[np.float64], weights: NDArray[np.float64], padding: int, stride: int = 1
) -> NDArray[np.float64]:
    """A convolution layer without bias, as deep learning defines it (the kernel is not flipped).

    Args:
        image: Shape (channels, height, width).
        weights: Shape (filters, channels, kernel height, kernel width).
        padding: Zeros added on all four sides.
        stride: Step of the kernel in both directions.

    Returns:
        Shape (filters, output height, output width).
    """
    filters, channels, tall, wide = weights.shape
    assert channels == image.shape[0]
    padded = np.pad(image, ((0, 0), (padding, padding), (padding, padding)))
    height = (padded.shape[1] - tall) // stride + 1
    width = (padded.shape[2] - wide) // stride + 1
    output = np.zeros((filters, height, width))
    for number in range(filters):
        for y in range(height):
            for x in range(width):
                top, left = y * stride, x * stride
                window = padded[:, top : top + tall, left : left + wide]
                output[number, y, x] = (window * weights[number]).sum()
    return output


def independent_identity(channels: int, kernel: int, padding: int) -> NDArray[np.float64]:
    """The weights of 2.4, found from what they must do and not from a rule.

    An impulse in channel c at one pixel meets every weight that a filter has for channel c, each
    at another output pixel. The output must be that impulse, in the output channel c only: this
    determines every weight.

    Returns:
        Shape (channels, channels, kernel, kernel).
    """
    size = 2 * kernel + 1
    weights = np.full((channels, channels, kernel, kernel), np.nan)
    pixel = kernel
    for channel in range(channels):
        impulse = np.zeros((channels, size, size))
        impulse[channel, pixel, pixel] = 1
        for row in range(kernel):
            for column in range(kernel):
                # The output pixel whose window has the impulse at (row, column).
                y, x = pixel + padding - row, pixel + padding - column
                weights[:, channel, row, column] = impulse[:, y, x]
    return weights
