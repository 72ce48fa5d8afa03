"""`Stage`: one part of a staged training, in which some of a pre-trained network learns."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True)
class Stage:
    """`epochs` in which the head learns, and with it the last layers of the backbone.

    The optimizer starts afresh with each stage, and the schedule of the configuration runs over
    each stage by itself. A learning rate for the backbone that is lower than the head's is Howard &
    Ruder's *discriminative fine-tuning* (2018).
    """

    epochs: int
    learning_rate: float  # of the head
    unfrozen: int | None = 0  # last layers of the backbone that learn; None: all of them
    backbone_rate: float = 1.0  # times the learning rate: the backbone's
    batch_norm: bool = True  # whether the unfrozen layers' batch normalisation learns too
    warm_up: float = 0.0  # epochs in which the rate rises from almost 0 to that of the schedule

    def __post_init__(self) -> None:
        if self.epochs < 1 or not self.learning_rate > 0:
            raise ValueError(
                f"a stage needs epochs from 1 and a learning_rate above 0, got {self.epochs}, "
                f"{self.learning_rate}"
            )
        if self.unfrozen is not None and self.unfrozen < 0:
            raise ValueError(f"unfrozen={self.unfrozen}: expected 0 or more layers, None for all")
        if not 0 < self.backbone_rate <= 1:
            raise ValueError(f"backbone_rate={self.backbone_rate}: expected 0 < backbone_rate <= 1")
        if not 0 <= self.warm_up <= self.epochs:
            raise ValueError(f"warm_up={self.warm_up}: expected 0 to {self.epochs} epochs")

    def to_dict(self) -> dict:
        """Plain values for JSON; fields at their default are left out."""
        defaults = {entry.name: entry.default for entry in fields(self)}
        return {name: value for name, value in asdict(self).items() if value != defaults[name]}

    def __str__(self) -> str:
        part = {None: "all layers", 0: "the head alone"}.get(
            self.unfrozen, f"the last {self.unfrozen} layers and the head"
        )
        said = [f"{self.epochs} epochs of {part} at {self.learning_rate:g}"]
        if self.unfrozen != 0 and self.backbone_rate != 1:
            said.append(f"the backbone at {self.backbone_rate:g} of that")
        if self.unfrozen != 0 and not self.batch_norm:
            said.append("batch normalisation kept")
        said += [f"warm-up over {self.warm_up:g} epochs"] if self.warm_up else []
        return ", ".join(said)
