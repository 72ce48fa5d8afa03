"""The trials of a search as tasks on a Ray cluster.

Optuna stays with the driver, which asks and tells, so the study is the same file as without Ray. A
trial posts its accuracy to a small actor after every epoch and waits for the driver's verdict.
The machines of a cluster get this package from the driver; frameworks they must have themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fer_utils import ray_cluster
from fer_utils.ray_cluster import LOCAL
from fer_utils.search.board import Board
from fer_utils.search.driver import Driver
from fer_utils.search.trial import Problem, TrialOutcome, run_trial


def runner(address: str = LOCAL, **options: object) -> Callable[[Driver, Problem], None]:
    """A runner for `driver.run`: on the cluster at `address`, or for "local" on this machine.

    options: for `ray.init`, such as num_cpus. An address is what Ray takes: "auto", "host:6379",
    "ray://host:10001". A trial takes a GPU where the cluster has any, else one CPU core. Raises
    ImportError naming the extra where Ray is missing.
    """
    ray_cluster.load()

    def on_ray(driver: Driver, problem: Problem) -> None:
        with ray_cluster.cluster(address, **options) as ray:
            _drive(ray, driver, problem)

    return on_ray


def _drive(ray, driver: Driver, problem: Problem) -> None:
    """Keep every worker busy; answer posts and end trials as they come."""
    resources = ray.cluster_resources()
    gpus, cores = int(resources.get("GPU", 0)), int(resources.get("CPU", 1))
    needs = {"num_gpus": 1, "num_cpus": 0} if gpus else {"num_cpus": 1}
    board = ray.remote(num_cpus=0)(Board).remote()
    task = ray.remote(max_retries=0, **needs)(_task)
    shared = ray.put(problem)
    running: dict = {}
    mail = board.take.remote()
    while True:
        while len(running) < max(1, gpus or cores) and (asked := driver.ask()) is not None:
            trial, settings = asked
            running[task.remote(shared, trial.number, settings, board)] = trial
        if not running:
            return
        (ready,), _ = ray.wait([mail, *running], num_returns=1)
        if ready == mail:
            number, step, accuracy = ray.get(mail)
            trial = next((one for one in running.values() if one.number == number), None)
            if trial:  # else its worker died with this on the way
                board.answer.remote(number, driver.report(trial, step, accuracy))
            mail = board.take.remote()
            continue
        trial = running.pop(ready)
        try:
            outcome = ray.get(ready)
        except ray.exceptions.RayError as error:
            driver.failed(trial, getattr(error, "cause", None) or error)
        else:
            driver.tell(trial, outcome)


def _task(problem: Problem, number: int, settings: Mapping, board) -> TrialOutcome:
    """One trial, on a worker."""
    import ray

    def report(step: int, accuracy: float) -> bool:
        return ray.get(board.post.remote(number, step, accuracy))

    return run_trial(problem, settings, report)
