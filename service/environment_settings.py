"""Settings from `FACEGATE_…` variables, read once at start into one frozen object.

Commands read some as well: nothing of a service is imported here.
"""

from typing import TypeVar

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from contract.errors import ConfigurationError

PREFIX = "FACEGATE_"


class Settings(BaseSettings):
    """Base of all settings: each field `x` is read from the variable `FACEGATE_X`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")


_S = TypeVar("_S", bound=Settings)


def read_settings(kind: type[_S], **given: object) -> _S:
    """Return the settings of `kind`; `given` (command line) wins over the environment.

    Raises ConfigurationError that names the variable and its value.
    """
    try:
        return kind(**{key: value for key, value in given.items() if value is not None})  # type: ignore[arg-type]  # validated by pydantic
    except ValidationError as error:
        first = error.errors()[0]
        variable = PREFIX + "_".join(map(str, first["loc"])).upper()
        if first["type"] == "missing":
            raise ConfigurationError(f"{variable} is not set and has no default") from error
        value = "***" if isinstance(first["input"], SecretStr) else repr(first["input"])
        message = first["msg"].removeprefix("Value error, ")
        raise ConfigurationError(f"{variable}={value}: {message}") from error
