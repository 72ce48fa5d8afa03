"""Convolutions of 3x3 and 5x5 kernels with a quarter to a third of the multiplications, on a CPU.

Winograd's minimal filtering (Lavin & Gray, 2016, arXiv:1509.09308): a tile of 6x6 inputs and the
kernel are evaluated as polynomials at the points 0, 1, -1, 2, -2 and infinity of each axis. There
the convolution is one product per pair of values, summed over channels, so 36 matrix products for
all tiles. A tile gives 4x4 outputs of a 3x3 kernel for 36 multiplications instead of 144, or 2x2
of a 5x5 kernel for 36 instead of 100.

Along one axis, with d six inputs, g a kernel of r, and y its m = 7 - r outputs:

    y = A' [(G g) * (B' d)]       A': (m, 6), G: (6, r), B': (6, 6)

Channels are the last axis throughout, as in channels-last memory. Values differ from those of the
direct convolution by rounding, in float32 by some 1e-5 of the largest.
"""

from __future__ import annotations

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

POINTS = (0, 1, -1, 2, -2)
TILE = 6
KERNELS = (3, 5)
IN_CACHE = 2_000_000  # values of the tiles that are worked on together


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None, padding: int) -> Tensor:
    """What `F.conv2d` returns, with gradients, in channels-last memory: float32 (N, K, H', W').

    x float32 (N, C, H, W); weight (K, C, r, r), r of 3 or 5; bias (K,); padding in pixels, below r.
    """
    made = _Winograd.apply(x, weight, padding)
    return made if bias is None else made + bias[:, None, None]


class _Winograd(torch.autograd.Function):
    """The convolution without a bias, (N, C, H, W) to (N, K, H', W') in channels-last memory."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, padding: int) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.padding = padding
        return _convolved(x.permute(0, 2, 3, 1), weight, padding).permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        x, weight = ctx.saved_tensors
        gradient = gradient.permute(0, 2, 3, 1)
        of_x = of_weight = None
        if ctx.needs_input_grad[0]:  # a convolution again, with the kernels turned by 180 degrees
            turned = weight.flip(2, 3).transpose(0, 1)
            padding = weight.shape[-1] - 1 - ctx.padding
            of_x = _convolved(gradient, turned, padding).permute(0, 3, 1, 2)
        if ctx.needs_input_grad[1]:
            of_weight = _of_weight(x.permute(0, 2, 3, 1), gradient, weight, ctx.padding)
        return of_x, of_weight, None


def _convolved(x: Tensor, weight: Tensor, padding: int) -> Tensor:
    """(N, H, W, C) and (K, C, r, r) to (N, H', W', K)."""
    size, outer, inner = weight.shape[-1], *weight.shape[:2]
    grid = _Grid(x.shape, size, padding)
    at_points = _kernel_values(size).to(weight)
    values = torch.einsum("ai,bj,kcij->abck", at_points, at_points, weight)
    values = values.reshape(TILE**2, inner, outer)
    made = x.new_empty(len(x), *grid.covered, outer)
    for part in grid.groups(max(inner, outer)):
        products = torch.bmm(grid.evaluated(x[part]), values).view(grid.shape(TILE, TILE, part, -1))
        half = x.new_empty(grid.shape(grid.step, TILE, part, outer))
        _answers(products, half)
        whole = x.new_empty(grid.shape(grid.step, grid.step, part, outer))
        _answers(half.transpose(0, 1), whole.transpose(0, 1))
        grid.tiles_of(made[part]).copy_(whole)
    return made[:, : grid.outputs[0], : grid.outputs[1]].contiguous()


def _of_weight(x: Tensor, gradient: Tensor, weight: Tensor, padding: int) -> Tensor:
    """The gradient of the kernels (K, C, r, r)."""
    size, outer, inner = weight.shape[-1], *weight.shape[:2]
    grid = _Grid(x.shape, size, padding)
    short = [a - b for a, b in zip(grid.covered, grid.outputs, strict=True)]
    total = x.new_zeros(TILE**2, inner, outer)
    for part in grid.groups(max(inner, outer)):
        told = grid.tiles_of(F.pad(gradient[part], (0, 0, 0, short[1], 0, short[0])).contiguous())
        half = x.new_empty(grid.shape(TILE, grid.step, part, outer))
        _told(told.contiguous(), half)
        whole = x.new_empty(grid.shape(TILE, TILE, part, outer))
        _told(half.transpose(0, 1), whole.transpose(0, 1))
        total.baddbmm_(grid.evaluated(x[part]).transpose(1, 2), whole.view(TILE**2, -1, outer))
    at_points = _kernel_values(size).to(weight)
    return torch.einsum("ai,bj,abck->kcij", at_points, at_points, total.view(TILE, TILE, inner, -1))


class _Grid:
    """How the tiles of maps (N, H, W, C) lie: those of inputs overlap, those of outputs do not."""

    def __init__(self, shape: torch.Size, size: int, padding: int) -> None:
        self.step, self.padding, self.pictures = TILE + 1 - size, padding, shape[0]
        self.outputs = [length + 2 * padding - size + 1 for length in shape[1:3]]
        self.tiles = [-(-length // self.step) for length in self.outputs]
        self.covered = [count * self.step for count in self.tiles]
        needed = [(count - 1) * self.step + TILE for count in self.tiles]
        self.after = [a - b - padding for a, b in zip(needed, shape[1:3], strict=True)]

    def groups(self, channels: int) -> list[slice]:
        """Pictures that are worked on together, few enough for their tiles to stay in the cache."""
        one = TILE**2 * self.tiles[0] * self.tiles[1] * channels
        many = max(1, IN_CACHE // one)
        starts = range(0, self.pictures, many)
        return [slice(start, min(start + many, self.pictures)) for start in starts]

    def shape(self, rows: int, columns: int, part: slice, channels: int) -> tuple[int, ...]:
        """Of so many values a tile, for the pictures of a group."""
        return rows, columns, part.stop - part.start, *self.tiles, channels

    def evaluated(self, x: Tensor) -> Tensor:
        """(n, H, W, C) to the tiles' values at the points, (36, n * tiles, C)."""
        x = F.pad(x, (0, 0, self.padding, self.after[1], self.padding, self.after[0]))
        ends = [self.step * (count - 1) + 1 for count in self.tiles]
        n, _, width, channels = x.shape
        half = x.new_empty(TILE, n, self.tiles[0], width, channels)
        _inputs([x[:, i : i + ends[0] : self.step] for i in range(TILE)], half)
        whole = x.new_empty(TILE, TILE, n, *self.tiles, channels)
        columns = [half[:, :, :, i : i + ends[1] : self.step] for i in range(TILE)]
        _inputs(columns, whole.transpose(0, 1))
        return whole.view(TILE**2, -1, channels)

    def tiles_of(self, maps: Tensor) -> Tensor:
        """A view of outputs (n, covered, covered, K) as (m, m, n, tiles, tiles, K)."""
        m, (rows, columns) = self.step, self.tiles
        return maps.view(len(maps), rows, m, columns, m, -1).permute(2, 4, 0, 1, 3, 5)


# Along one axis, the first of what is given. Values at p and -p share their even and odd powers.


def _inputs(d: list[Tensor], at: Tensor) -> None:
    """at = B' d: six values of the six inputs, as coefficients of Lagrange's polynomials."""
    even, odd = torch.sub(d[4], d[2], alpha=4), torch.sub(d[3], d[1], alpha=4)
    torch.add(even, odd, out=at[1])
    torch.sub(even, odd, out=at[2])
    torch.sub(d[4], d[2], out=even)
    torch.sub(d[3], d[1], out=odd)
    torch.add(even, odd, alpha=2, out=at[3])
    torch.sub(even, odd, alpha=2, out=at[4])
    torch.sub(d[4], d[2], alpha=5, out=at[0]).add_(d[0], alpha=4)
    torch.sub(d[5], d[3], alpha=5, out=at[5]).add_(d[1], alpha=4)


def _answers(at: Tensor, y: Tensor) -> None:
    """y = A' at: the m outputs, the k-th the sum of p**k times the value at p."""
    ones = torch.add(at[1], at[2]), torch.sub(at[1], at[2])
    twos = torch.add(at[3], at[4]), torch.sub(at[3], at[4])
    for k, output in enumerate(y):
        torch.add(ones[k % 2], twos[k % 2], alpha=2**k, out=output)
    y[0].add_(at[0])
    y[-1].add_(at[5])


def _told(y: Tensor, at: Tensor) -> None:
    """at = A y, the transpose of `_answers`."""
    for point, index in ((1, 1), (2, 3)):
        even, odd = y[0], y[1]
        if len(y) == 4:
            even = torch.add(even, y[2], alpha=point**2)
            odd = torch.add(odd, y[3], alpha=point**2)
        torch.add(even, odd, alpha=point, out=at[index])
        torch.sub(even, odd, alpha=point, out=at[index + 1])
    at[0].copy_(y[0])
    at[5].copy_(y[-1])


@cache
def _kernel_values(size: int) -> Tensor:
    """G (6, r): a kernel's coefficients to its values, each over Lagrange's denominator."""
    points = torch.tensor(POINTS, dtype=torch.float64)
    apart = points[:, None] - points + torch.eye(len(POINTS))
    values = torch.zeros(TILE, size, dtype=torch.float64)
    values[:-1] = points[:, None] ** torch.arange(size) / apart.prod(1, keepdim=True)
    values[-1, -1] = 1
    return values
