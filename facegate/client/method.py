"""Methods that look like the calls that they make: same parameters, same docstring."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, get_args

from facegate.client.api_call import ApiCall

_P = ParamSpec("_P")
_R = TypeVar("_R")


def as_method(method: Callable[_P, _R], call: Callable[..., ApiCall[Any]]) -> Callable[_P, _R]:
    """Return `method`, which hands its arguments on to `call`, with the latter's name and docs.

    For `help` and for editors its parameters are those of `call`, after `self`, and it returns what
    the gateway answers.
    """
    functools.update_wrapper(method, call)
    signature = inspect.signature(call)
    [answer] = get_args(signature.return_annotation)
    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)]
    vars(method)["__signature__"] = signature.replace(
        parameters=[*parameters, *signature.parameters.values()], return_annotation=answer
    )
    method.__annotations__ = {**call.__annotations__, "return": answer}
    return method
