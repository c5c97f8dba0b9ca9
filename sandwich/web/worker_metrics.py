"""What the workers say of themselves, in the format of Prometheus: one line for each worker of every machine."""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from sandwich.services.worker_figures import BOUNDS, WorkerFigures

_LABELS = ("worker", "machine")

_GAUGES: tuple[tuple[str, str, Callable[[WorkerFigures], float]], ...] = (
    ("heard_seconds", "Seconds since the worker said how it is", lambda one: one.heard_seconds),
    (
        "polled_seconds",
        "Seconds since Prefect told the worker what is due",
        lambda one: one.figures["polled_seconds"] + one.heard_seconds,
    ),
    ("in_hand", "Runs that the worker carries now", lambda one: one.figures["in_hand"]),
    ("in_line", "Runs that it will begin when there is room", lambda one: one.figures["in_line"]),
    ("limit", "Runs that it may carry at once now; fewer while Prefect refuses", lambda one: one.figures["limit"]),
)


class Workers(Collector):
    """Gives the figures of the workers to a registry."""

    def __init__(self, workers: Sequence[WorkerFigures]) -> None:
        self._workers = workers

    def collect(self) -> Iterable[Metric]:
        """Return one family for each kind of figure."""
        for name, words, value in _GAUGES:
            gauge = GaugeMetricFamily(f"sandwich_worker_{name}", words, labels=_LABELS)
            for one in self._workers:
                gauge.add_metric(_labels(one), value(one))
            yield gauge
        runs = CounterMetricFamily("sandwich_worker_runs", "Runs that ended or parked", labels=(*_LABELS, "outcome"))
        refused = CounterMetricFamily("sandwich_worker_refused", "Requests that Prefect refused", labels=_LABELS)
        late = HistogramMetricFamily(
            "sandwich_worker_late_seconds", "How long after its moment a wake was begun", labels=_LABELS
        )
        for one in self._workers:
            for outcome in ("carried", "failed"):
                runs.add_metric((*_labels(one), outcome), one.figures[outcome])
            refused.add_metric(_labels(one), one.figures["refused"])
            late.add_metric(_labels(one), _buckets(one.figures["late"]), one.figures["late_seconds"])
        yield from (runs, refused, late)


def _labels(one: WorkerFigures) -> tuple[str, str]:
    return one.name, one.machine


def _buckets(counts: Sequence[Any]) -> list[tuple[str, float]]:
    bounds = [*(str(bound) for bound in BOUNDS), "+Inf"]
    return list(zip(bounds, accumulate(counts), strict=True))
