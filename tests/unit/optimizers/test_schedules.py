import numpy as np
import pytest

from fer_utils.experiments.config import TrainConfig
from fer_utils.optimizers.schedules import Patience, learning_rates


def config(**settings) -> TrainConfig:
    return TrainConfig(epochs=4, learning_rate=0.1, **settings)


@pytest.mark.parametrize("schedule", ["constant", "cosine", "one_cycle", "triangular"])
def test_one_rate_per_step_never_above_the_peak(schedule):
    rates = learning_rates(config(schedule=schedule), 5)
    assert rates.shape == (20,)
    assert rates.max() <= 0.1 + 1e-12
    assert (rates > 0).all()


def test_a_triangle_has_straight_sides_and_the_peak_between_two_steps():
    rates = learning_rates(config(schedule="triangular", warm_up=0.25), 5)
    np.testing.assert_allclose(rates[:5], 0.1 * (np.arange(5) + 0.5) / 5)
    np.testing.assert_allclose(rates[5:], 0.1 * (np.arange(15)[::-1] + 0.5) / 15)


def test_constant_stays():
    assert np.all(learning_rates(config(), 5) == 0.1)


def test_cosine_starts_at_the_peak_and_is_half_way_down_in_the_middle():
    rates = learning_rates(config(schedule="cosine"), 5)
    assert rates[0] == pytest.approx(0.1)
    assert rates[10] == pytest.approx(0.05)


def test_one_cycle_rises_from_a_25th_to_the_peak_then_falls_to_almost_nothing():
    rates = learning_rates(config(schedule="one_cycle", warm_up=0.25), 5)
    assert rates[0] == pytest.approx(0.1 / 25)
    assert rates.argmax() == 5
    assert rates[5] == pytest.approx(0.1)
    assert rates[-1] == pytest.approx(0.1 / 25 / 1e4)
    assert np.all(np.diff(rates[:6]) > 0)
    assert np.all(np.diff(rates[5:]) < 0)


def test_one_cycle_agrees_with_pytorchs():
    torch = pytest.importorskip("torch")
    ours = learning_rates(config(schedule="one_cycle", warm_up=0.3), 25)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=100, pct_start=0.3)
    rates = []
    for _ in range(100):
        rates.append(theirs.get_last_lr()[0])
        optimizer.step()
        theirs.step()
    assert np.abs(ours - rates).max() < 0.1 * 0.06  # theirs peaks one step earlier


def test_a_run_of_one_step_works():
    for schedule in ("constant", "cosine", "one_cycle"):
        one = TrainConfig(epochs=1, schedule=schedule)
        assert np.isfinite(learning_rates(one, 1)).all()


def test_patience_counts_epochs_without_improvement():
    loss = Patience(larger_is_better=False)
    assert [loss.improved(x) for x in (1.0, 0.5, 0.6, 0.5)] == [True, True, False, False]
    assert loss.waited == 2
    assert not Patience(larger_is_better=False).improved(float("nan"))
    accuracy = Patience(larger_is_better=True)
    assert [accuracy.improved(x) for x in (0.5, 0.6, 0.4)] == [True, True, False]
