"""How somebody in a story fills in what the story does not say."""

from collections.abc import Mapping, Sequence
from datetime import date
from random import Random

from models.form import Column, Question
from sandwich.rehearsal.filling import OwnHand


class StoryHand(OwnHand):
    """The hand of somebody in a story: writes what people usually write to a form."""

    def __init__(self, day: date, chance: Random, words: Mapping[str, Sequence[str]]) -> None:
        """Take the day for dates, what chooses, and texts by question."""
        super().__init__(day, chance)
        self.words = words

    def takes_up(self, question: Question) -> bool:
        """Whether they answer a question that they may leave open: where they have something to say."""
        return question.key in self.words

    def write(self, item: Question | Column) -> str:
        """Write one of the usual texts."""
        return self.chance.choice(self.words[item.key]) if item.key in self.words else super().write(item)
