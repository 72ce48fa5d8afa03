import pytest

from fer_utils.experiments.config import TrainConfig
from fer_utils.training.journal import Journal, TrainingDiverged, lowered, replay


def row(loss: float, **more) -> dict:
    return {"learning_rate": 0.1, "train_loss": loss, "train_accuracy": 0.5, **more}


def watched(loss: float) -> dict:
    return row(1.0, validation_loss=loss, validation_accuracy=0.5)


def journal(**settings) -> Journal:
    config = TrainConfig(epochs=10, train_on="nine_tenths", **settings)
    return Journal(config, 1, "test", progress=False)


def test_rows_are_numbered_and_rounded_to_six_digits():
    book = journal()
    book.begin_epoch()
    book.end_epoch(row(1.23456789))
    book.end_epoch(row(0.5))
    assert [r["epoch"] for r in book.history] == [1, 2]
    assert book.history[0]["train_loss"] == 1.23457
    assert book.history[0]["seconds"] >= 0


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_stops_with_the_epoch_and_a_cure(loss):
    book = journal(learning_rate=3.0)
    book.end_epoch(row(1.0))
    with pytest.raises(TrainingDiverged, match=r"in epoch 2 of 10: lower learning_rate=3"):
        book.end_epoch(row(loss))


def test_early_stopping_waits_for_its_patience():
    book = journal(early_stopping=2)
    stops = []
    for loss in (1.0, 0.9, 0.95, 0.92):
        book.end_epoch(watched(loss))
        stops.append(book.stop)
    assert stops == [False, False, False, True]


def test_without_early_stopping_it_never_stops():
    book = journal()
    for _ in range(5):
        book.end_epoch(watched(1.0))
    assert not book.stop


def test_a_plateau_lowers_the_rate_and_starts_counting_again():
    book = journal(schedule="plateau", patience=2, factor=0.5)
    factors = []
    for loss in (1.0, 1.0, 1.0, 1.0, 1.0, 0.5):
        book.end_epoch(watched(loss))
        factors.append(book.rate_factor)
    assert factors == [1, 1, 0.5, 0.5, 0.25, 0.25]


def test_a_restored_journal_goes_on_where_it_was():
    first = journal(early_stopping=2, schedule="plateau", patience=1)
    for loss in (1.0, 1.1):
        first.end_epoch(watched(loss))
    second = journal(early_stopping=2, schedule="plateau", patience=1)
    second.restore(first.state())
    assert second.rate_factor == first.rate_factor == pytest.approx(0.1)
    second.end_epoch(watched(1.2))
    assert second.stop
    assert [r["epoch"] for r in second.history] == [1, 2, 3]


def test_a_replay_applies_the_rules_of_another_configuration():
    settings = {"train_on": "nine_tenths", "schedule": "plateau", "learning_rate": 0.1}
    history = [
        {"epoch": epoch, "seconds": 1.0, **watched(loss)}
        for epoch, loss in enumerate((1.0, 0.9, 0.95, 0.95, 0.8, 0.9, 0.9, 0.9), 1)
    ]
    patient = replay(history, TrainConfig(epochs=8, patience=9, **settings))
    assert [r["learning_rate"] for r in patient] == [0.1] * 8
    assert [r["validation_loss"] for r in patient] == [r["validation_loss"] for r in history]
    hasty = TrainConfig(epochs=8, patience=2, factor=0.5, early_stopping=3, **settings)
    replayed = replay(history, hasty)
    assert [r["learning_rate"] for r in replayed] == [0.1] * 4 + [0.05] * 3 + [0.025]
    assert [r["epoch"] for r in replayed] == list(range(1, 9))  # the third of its wait is the last
    assert lowered(patient) == [] and lowered(replayed) == [5, 8]
    stopped = replay(history, TrainConfig(epochs=8, patience=2, early_stopping=2, **settings))
    assert len(stopped) == 4
