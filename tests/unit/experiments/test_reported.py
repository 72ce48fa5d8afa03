from fer_utils.data.card import load_card
from fer_utils.data.dataset import CLASSES
from fer_utils.experiments import reported


def test_maastricht_scored_public_test():
    assert load_card().counts["public_test"] == reported.MAASTRICHT_SUPPORT


def test_recalls_give_about_the_accuracy_the_report_prints():
    """Weighted by the classes' shares of the data, of which its own test part is a sample."""
    counts = load_card().counts
    total = {name: sum(part[name] for part in counts.values()) for name in CLASSES}
    for network, accuracy in (("shallow", 0.5321), ("deep", 0.5907), ("deeper", 0.6176)):
        recalls = reported.ZAGREB_RECALL[f"zagreb_{network}"]
        mean = sum(recalls[name] * total[name] for name in CLASSES) / sum(total.values())
        assert abs(mean - accuracy) < 0.02


def test_copenhagens_matrix_holds_both_test_splits_and_contradicts_its_text():
    right, n = reported.COPENHAGEN_DIAGONAL
    counts = load_card().counts
    assert n == sum(sum(counts[split].values()) for split in ("public_test", "private_test"))
    assert right / n < reported.COPENHAGEN_STRATEGIES["class weights"] - 0.3


def test_copenhagen_s_people_are_given_for_every_class_and_best_at_happy():
    people = reported.COPENHAGEN_HUMANS
    assert tuple(people) == CLASSES
    assert max(people, key=people.get) == "happy" and people["angry"] == 0.4
    right, of = reported.GALLERY
    assert f"{right / of:.1%}" == "57.1%"
