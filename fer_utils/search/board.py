"""Where trials on a Ray cluster and the driver of their search meet. Light: an actor imports it."""

from __future__ import annotations

import asyncio


class Board:
    """An actor where trials post accuracies and wait for what the driver says."""

    def __init__(self) -> None:
        self.posts: asyncio.Queue = asyncio.Queue()
        self.verdicts: dict[int, asyncio.Future] = {}

    async def post(self, number: int, step: int, accuracy: float) -> bool:
        """For trials: wait for the verdict, True for "end here"."""
        verdict = self.verdicts[number] = asyncio.get_running_loop().create_future()
        await self.posts.put((number, step, accuracy))
        return await verdict

    async def take(self) -> tuple[int, int, float]:
        """For the driver: the next post, when there is one."""
        return await self.posts.get()

    async def answer(self, number: int, end: bool) -> None:
        """For the driver: the verdict on a trial's latest post."""
        self.verdicts.pop(number).set_result(end)
