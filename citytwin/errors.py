"""Every error that citytwin raises on purpose. Each message is one sentence with its remedy."""


class CityTwinError(Exception):
    """Something went wrong that a person can mend."""


class InputError(CityTwinError, ValueError):
    """What the user gave is wrong: the message names the file, the field and the remedy."""


class SourceError(InputError):
    """A source file is missing, broken or not of the kind it should be."""


class RecipeError(InputError):
    """A recipe cannot be read or does not hold what a city needs."""


class ScenarioError(InputError):
    """A scenario cannot be read, or does not fit the city."""


class CityFileError(InputError):
    """A file is not a city, or a city of another version."""


class UnknownNameError(InputError, KeyError):
    """A name that no plug-in has."""

    def __str__(self) -> str:
        return str(self.args[0])


class OutputError(CityTwinError, OSError):
    """A result cannot be written."""


class BalanceError(CityTwinError, ArithmeticError):
    """A conserved quantity was not conserved, so the result is not to be trusted."""


class AbsentError(CityTwinError, LookupError):
    """A file or a program to compare with is not on this machine."""


class UnreachableError(SourceError):
    """A source cannot be fetched now: the network or its server does not answer."""


class BusyError(CityTwinError, BlockingIOError):
    """Another process is at work on the same city."""


class LossError(BalanceError):
    """A new city lost so much against the one before that it is not published."""


class StepError(CityTwinError, ArithmeticError):
    """The time step of a simulation became uselessly short.

    Attributes
    ----------
    row, col
        Cell of the window where it happened.
    """

    def __init__(self, message: str, row: int, col: int) -> None:
        super().__init__(message)
        self.row, self.col = row, col
