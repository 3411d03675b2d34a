"""What the agents of a process have counted, for Prometheus."""

from collections.abc import Callable, Iterable, Iterator
from typing import get_args

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from contract.messages.cameras.agent_status import AgentProblem
from facegate.camera.agent import CameraAgent
from facegate.camera.outgoing.left_pictures import LeftPictures

_LABELS = ("store", "camera")
_NOW = frozenset({"spooled"})
"""Numbers that also fall."""


class AgentMetrics(Collector):
    """Reads the counts whenever it is asked."""

    def __init__(
        self,
        agents: Callable[[], Iterable[CameraAgent]],
        left: Callable[[], Iterable[LeftPictures]] = tuple,
    ) -> None:
        """`agents` returns those that run now, `left` what waits of cameras that nobody watches."""
        self._agents = agents
        self._left = left

    def serve(self, host: str, port: int) -> None:
        """Serve `/metrics` for as long as the process lives. Raises OSError."""
        registry = CollectorRegistry()
        registry.register(self)
        start_http_server(port, host, registry)

    def collect(self) -> Iterator[Metric]:
        """Yield every number of every camera."""
        agents = list(self._agents())
        names = list(agents[0].counts.numbers) if agents else []
        for name in names:
            text = f"The agent's {name}; see docs/agent.md."
            kind = GaugeMetricFamily if name in _NOW else CounterMetricFamily
            family = kind(f"facegate_agent_{name}", text, labels=_LABELS)
            for agent in agents:
                family.add_metric(_of(agent), agent.counts.numbers[name])
            yield family
        wrong = GaugeMetricFamily(
            "facegate_agent_problem", "1 while it is so.", labels=(*_LABELS, "problem")
        )
        for agent in agents:
            for problem in get_args(AgentProblem):
                wrong.add_metric((*_of(agent), problem), problem in agent.counts.problems)
        yield wrong
        waiting = GaugeMetricFamily(
            "facegate_agent_left",
            "Pictures that wait on disk for a camera that nobody watches; see docs/agent.md.",
            labels=_LABELS,
        )
        for left in self._left():
            waiting.add_metric((left.store, left.camera), left.pictures)
        yield waiting


def _of(agent: CameraAgent) -> tuple[str, str]:
    return agent.plan.store, agent.plan.camera
