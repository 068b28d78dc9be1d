"""What a stage returns: its results beside its rejects, and a base class for such stages."""

from typing import Any, Generic, NamedTuple, TypeVar, get_origin

import apache_beam as beam
from apache_beam.pvalue import PCollection
from apache_beam.typehints.decorators import IOTypeHints, get_type_hints

from transforms.records import Reject

T = TypeVar("T")
In = TypeVar("In")
Out = TypeVar("Out")


class Outcome(NamedTuple, Generic[T]):
    """The results of a stage beside its rejects."""

    good: PCollection[T]
    rejects: PCollection[Reject]


class TimedOutcome(NamedTuple, Generic[T, In]):
    """The results of a stage with a deadline, beside its rejects and the inputs that it owes."""

    good: PCollection[T]
    rejects: PCollection[Reject]
    owed: PCollection[In]


class Stage(beam.PTransform[In, Out], Generic[In, Out]):
    """A PTransform that takes or returns several PCollections, such as an `Outcome`.

    Beam takes the type hints of a transform from the annotations of its `expand`. It understands
    one PCollection there and logs a warning for anything else, each time a graph is built. A
    Stage passes on to Beam the annotations that are one PCollection; the others are for mypy
    alone. The type of each returned PCollection is declared where it is made (`with_output_types`).
    """

    def default_type_hints(self) -> IOTypeHints:
        """Return the hints of `expand` that Beam understands."""
        declared: IOTypeHints = get_type_hints(type(self))
        annotated = IOTypeHints.from_callable(self.expand)
        if annotated is None:
            return declared
        understood = annotated._replace(
            input_types=_if_one_pcollection(annotated.input_types),
            output_types=_if_one_pcollection(annotated.output_types),
        )
        return declared.with_defaults(understood.strip_pcoll())


def _if_one_pcollection(types: Any) -> Any:
    """Return Beam's positional and keyword types if they are one PCollection, else None."""
    if types is None or len(types[0]) != 1:
        return None
    return types if get_origin(types[0][0]) is PCollection else None
