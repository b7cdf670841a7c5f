"""The mappings that there are, each with its lanes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from launcher.mapping import settings, source
from launcher.mapping.lane import Lane
from launcher.mapping.source import Position


class Mapping:
    """A mapping that the emulator keeps, and the lanes that serve it."""

    def __init__(self, account: str, region: str, described: dict[str, Any], time_scale: float) -> None:
        origin = source.of(described)
        assert origin is not None
        self.described = described
        self._source = origin
        self._account, self._region = account, region
        self._scale = time_scale
        self._lanes: dict[str, list[Lane]] = {}

    def refresh(self) -> None:
        """Makes lanes for new shards, and wakes those that there are."""
        parallel = max(1, settings.read(self.described).parallel)
        is_first = not self._lanes
        for shard, parents in self._source.shards().items():
            lanes = self._lanes.get(shard)
            if lanes is None:
                # A shard that comes later holds what its parents would have held, so all of it is new.
                start = self._source.start(shard, self.described) if is_first else Position(0)
                self._divide(shard, parallel, self._after_parents(start, parents))
            elif len(lanes) != parallel:
                for lane in lanes:
                    lane.close()
                self._divide(shard, parallel, self._after_lanes(lanes))
        for lane in self._all():
            lane.wake()

    def close(self) -> None:
        """Asks every lane to end."""
        for lane in self._all():
            lane.close()

    def join(self, deadline: float) -> bool:
        """Waits for the lanes; whether all of them have ended."""
        return all([lane.join(deadline - time.monotonic()) for lane in self._all()])

    def counts(self) -> dict[str, Any]:
        """What is told of the mapping; `age` is that of the youngest record that waits."""
        ages = [self._scoped(lane.age) for lanes in self._lanes.values() for lane in lanes]
        return {
            "function": self.described["FunctionName"], "source": self.described["EventSourceArn"],
            "state": self.described["State"], "age": min((age for age in ages if age is not None), default=None),
            "shards": {
                shard if len(lanes) == 1 else f"{shard}/{number}": self._scoped(lane.counts)
                for shard, lanes in self._lanes.items() for number, lane in enumerate(lanes)}}

    def _divide(self, shard: str, parallel: int, start: Callable[[], Position | None]) -> None:
        self._lanes[shard] = [
            Lane(self.described, self._source, shard, number, parallel, start, self._scale, self._scoped)
            for number in range(parallel)]

    def _after_parents(self, start: Position, parents: list[str]) -> Callable[[], Position | None]:
        """A start that waits until the shards before this one are done with."""
        def wait() -> Position | None:
            before = [lane for parent in parents for lane in self._lanes.get(parent, [])]
            return start if all(lane.is_drained() for lane in before) else None

        return wait

    def _after_lanes(self, lanes: list[Lane]) -> Callable[[], Position | None]:
        """A start at the earliest position of lanes that end; some records come twice, as on AWS."""
        def wait() -> Position | None:
            if not all([lane.join(0) for lane in lanes]):
                return None
            return min((lane.position or Position(0) for lane in lanes), key=lambda position: position.index)

        return wait

    def _all(self) -> list[Lane]:
        return [lane for lanes in list(self._lanes.values()) for lane in lanes]

    def _scoped(self, run: Callable[[], Any]) -> Any:
        from ministack.core.responses import request_scope

        with request_scope(self._account, self._region):
            return run()


class Registry:
    """All mappings of streams."""

    def __init__(self, time_scale: float) -> None:
        self._scale = time_scale
        # Held by whoever makes a mapping, until all its settings are there.
        self.lock = threading.RLock()
        self._mappings: dict[str, Mapping] = {}
        self._stopped = False

    def refresh(self) -> None:
        """Brings the lanes in line with the mappings that the emulator has now."""
        from ministack.core.responses import request_scope
        from ministack.services import lambda_svc

        with self.lock:
            if self._stopped:
                return
            found = {}
            for account, region, described in lambda_svc._iter_all_esms():
                if source.of(described) is not None:
                    found[described["UUID"]] = (account, region, described)
            for name in self._mappings.keys() - found.keys():
                self._mappings.pop(name).close()
            for name, (account, region, described) in found.items():
                if name not in self._mappings:
                    self._mappings[name] = Mapping(account, region, described, self._scale)
                with request_scope(account, region):
                    self._mappings[name].refresh()

    def counts(self) -> dict[str, Any]:
        """What is told of every mapping, by its id."""
        with self.lock:
            mappings = dict(self._mappings)
        return {name: mapping.counts() for name, mapping in mappings.items()}

    def stop(self, seconds: float) -> bool:
        """Takes no new batches and waits for the invocations that run; whether all of them have ended."""
        with self.lock:
            self._stopped = True
            mappings = list(self._mappings.values())
        for mapping in mappings:
            mapping.close()
        deadline = time.monotonic() + seconds
        return all([mapping.join(deadline) for mapping in mappings])
