"""How long what came in is kept: by class, the days after which a lead and what it came in are forgotten."""

from typing import Annotated

from pydantic import Field

from libs.contracts.lead import Destination
from libs.policy.part import Name, Part

Days = Annotated[int, Field(ge=1, le=36_500)]


class RetentionClass(Part):
    """Leads that are kept for so many days after the last that happened to them. What is left out does not restrict it."""

    name: Name
    days: Days
    destinations: tuple[Destination, ...] = ()
    """Where they went last."""
    kinds: tuple[str, ...] = ()
    """What sort of submission they came as: demo_request, webinar, ..."""

    def takes(self, destination: str, kind: str) -> bool:
        """Whether a lead is of this class."""
        return (not self.destinations or destination in self.destinations) and (not self.kinds or kind in self.kinds)


class Retention(Part):
    """`retention.yaml`. The first class that takes a lead counts; a lead of none is kept for ever."""

    automatic: bool = False
    """Whether what is due is forgotten by itself, every hour; otherwise a person says `signalbox retention apply`."""
    classes: tuple[RetentionClass, ...] = ()

    def of(self, destination: str, kind: str) -> RetentionClass | None:
        """The class of a lead; None: it is kept for ever."""
        return next((one for one in self.classes if one.takes(destination, kind)), None)

    @property
    def least_days(self) -> int | None:
        """The shortest time that anything is kept for; None where everything is kept for ever."""
        return min((one.days for one in self.classes), default=None)
