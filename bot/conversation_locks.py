"""The turns of one conversation follow each other."""

import asyncio


class ConversationLocks:
    """One turn at a time per conversation; a lock that nobody wants is dropped."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    def __len__(self) -> int:
        return len(self._locks)

    async def acquire(self, conversation: str) -> None:
        lock, wanted = self._locks.get(conversation) or (asyncio.Lock(), 0)
        self._locks[conversation] = lock, wanted + 1
        try:
            await lock.acquire()
        except BaseException:
            self._drop(conversation)
            raise

    def release(self, conversation: str) -> None:
        self._locks[conversation][0].release()
        self._drop(conversation)

    def _drop(self, conversation: str) -> None:
        lock, wanted = self._locks.pop(conversation)
        if wanted > 1:
            self._locks[conversation] = lock, wanted - 1
