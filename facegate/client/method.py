"""Methods that look like the calls that they make: same parameters, same docstring."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, get_args

from facegate.client.api_call import ApiCall
from facegate.client.listing import Page

_P = ParamSpec("_P")
_R = TypeVar("_R")


def as_method(
    method: Callable[_P, _R], call: Callable[..., ApiCall[Any]], answer: Any
) -> Callable[_P, _R]:
    """Return `method`, which hands its arguments on to `call`, with the latter's name and docs.

    For `help` and for editors its parameters are those of `call`, after `self`, and it returns an
    `answer`.
    """
    functools.update_wrapper(method, call)
    signature = inspect.signature(call)
    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)]
    vars(method)["__signature__"] = signature.replace(
        parameters=[*parameters, *signature.parameters.values()], return_annotation=answer
    )
    method.__annotations__ = {**call.__annotations__, "return": answer}
    return method


def answer_of(call: Callable[..., ApiCall[Any]]) -> Any:
    """Return the type of what the gateway answers."""
    [answer] = get_args(inspect.signature(call).return_annotation)
    return answer


def entry_of(call: Callable[..., ApiCall[Page[Any]]]) -> Any:
    """Return the type of an entry of the list that the gateway answers."""
    [entry] = get_args(answer_of(call))
    return entry
