"""What is seen while a cluster starts: a bar for each store, with its gallery's import."""

import re

from rich.progress import Progress, TaskID

from contract.messages.cluster import ClusterStatus, ShardStatus


class StartProgress:
    """A bar for each store, from what the gateway says about it."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}

    def show(self, status: ClusterStatus) -> None:
        """Bring the bars up to date."""
        for store in status.stores:
            if store.store not in self._tasks:
                self._tasks[store.store] = self._bar.add_task(f"{store.store} starts", total=None)
            for replica in store.replicas[:1]:
                if replica.status is not None:
                    self._update(self._tasks[store.store], replica.status)

    def _update(self, task: TaskID, shard: ShardStatus) -> None:
        numbers = [int(number) for number in re.findall(r"\d+", shard.importing or "")]
        if shard.ready:
            total = shard.counts.templates
            self._bar.update(
                task, description=f"{shard.store} is ready", completed=total, total=total
            )
        elif len(numbers) == 2:
            done, total = numbers
            description = f"{shard.store} imports its gallery"
            self._bar.update(task, description=description, completed=done, total=total)
