"""What others say a network reaches on FER2013, and what each figure was chosen on.

Cited, never ours. `selected_on` is what the authors' code does, or what a source says; "unknown"
where neither tells us. Accuracies are fractions.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from fer_utils.metrics.classification import with_interval

N = 3589  # images of PublicTest, and of PrivateTest
ITSELF = "the same pictures"
OTHER_TEST = "the other test split"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Claim:
    """One published figure."""

    who: str
    network: str
    accuracy: float
    split: str  # "PrivateTest", "PublicTest", or UNKNOWN
    selected_on: str
    source: str  # bibliography key, and where the choice is to be seen
    views: int | None = None  # pictures averaged at test; None where not told
    extra_data: str = ""  # what it learned from besides FER2013


CLAIMS = (
    Claim("Tang", "CNN with an SVM loss", 0.712, "PrivateTest", OTHER_TEST, "tang2013, contest"),
    Claim(
        "Pramerdorfer & Kampel", "VGG", 0.727, "PrivateTest", UNKNOWN, "pramerdorfer2016, no code"
    ),
    Claim(
        *("Pramerdorfer & Kampel", "eight CNNs", 0.752, "PrivateTest", UNKNOWN),
        source="pramerdorfer2016, no code",
    ),
    Claim("WuJie1010", "VGG19", 0.73112, "PrivateTest", ITSELF, "wujie2018, mainpro_FER.py", 10),
    Claim(
        *("a user of WuJie1010", "VGG19", 0.726, "PrivateTest", OTHER_TEST),
        source="wujie2018, issue 27 of its repository",
        views=10,
    ),
    Claim(
        *("Khaireddin & Chen", "VGG", 0.7328, "PublicTest", OTHER_TEST),
        source="khaireddin2021, data/fer2013.py and train.py",
        views=10,
    ),
    Claim(
        *("LetheSec", "ResNet18", 0.7370, "PrivateTest", ITSELF),
        source="lethesec2021, dataset.py and train.py",
        views=10,
    ),
    Claim(
        *("Pham, Vu & Tran", "ResNet34 with masks", 0.7414, "PrivateTest", UNKNOWN),
        source="pham2021, trainers/tta_trainer.py: best epoch on a validation file of their own",
        views=10,
        extra_data="ImageNet",
    ),
    Claim(
        *("Pham, Vu & Tran", "seven networks", 0.7682, "PrivateTest", UNKNOWN),
        source="pham2021, README.md",
        extra_data="ImageNet",
    ),
    Claim("ResEmoteNet", "SE-ResNet", 0.7979, UNKNOWN, UNKNOWN, "resemotenet2024, abstract"),
    Claim(
        *("a user of ResEmoteNet", "the authors' weights", 0.7157, UNKNOWN, UNKNOWN),
        source="resemotenet2024, issue 13 of its repository",
    ),
)
HUMANS = (0.60, 0.70)  # Goodfellow et al. (2013): 65 +- 5%


def table() -> pd.DataFrame:
    """A row a claim: accuracy with its interval at `N` images, split, what it was chosen on."""
    rows = []
    for claim in CLAIMS:
        accuracy, low, high = with_interval(claim.accuracy, N)
        rows.append(
            {
                "who": claim.who,
                "network": claim.network,
                "learned from besides": claim.extra_data or "–",
                "views": "?" if claim.views is None else str(claim.views),
                "accuracy": accuracy,
                "low": low,
                "high": high,
                "split": claim.split,
                "chosen on": claim.selected_on,
                "source": claim.source,
            }
        )
    return pd.DataFrame(rows).set_index("who")
