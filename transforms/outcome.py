"""What a stage gives: its results, and the inputs it refused."""

from typing import Generic, NamedTuple, TypeVar

from apache_beam.pvalue import PCollection

from transforms.records import Reject

T = TypeVar("T")


class Outcome(NamedTuple, Generic[T]):
    """The results of a stage beside its rejects."""

    good: PCollection[T]
    rejects: PCollection[Reject]
