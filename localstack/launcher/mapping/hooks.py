"""Where the emulator would poll the mappings of streams, and what does it instead.

Replaced in MiniStack: the two functions of its polling thread that serve Kinesis and DynamoDB; they
now wake the lanes. Wrapped: what makes and removes a mapping, so that `LATEST` means the moment of
its creation, and so that settings which the emulator drops are kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from launcher.mapping import settings, source
from launcher.mapping.registry import Registry

_TYPE = "AWS::Lambda::EventSourceMapping"
_KEPT = ("StartingPositionTimestamp", "TumblingWindowInSeconds")

_REGISTRY = Registry(1.0)


def install(time_scale: float) -> None:
    """Puts the replacements in; `time_scale` multiplies windows, pauses and ages."""
    global _REGISTRY
    from ministack.services import lambda_svc
    from ministack.services.cloudformation import provisioners

    _REGISTRY = registry = Registry(time_scale)

    def poll() -> bool:
        registry.refresh()
        return False

    lambda_svc._poll_kinesis = poll
    lambda_svc._poll_dynamodb_streams = lambda: False
    lambda_svc._create_esm = _making(lambda_svc._create_esm, 0, _uuid_in_response)
    lambda_svc._release_esm_poll_state = _then(lambda_svc._release_esm_poll_state, registry.refresh)
    handlers = provisioners._RESOURCE_HANDLERS
    create = _making(handlers[_TYPE]["create"], 1, lambda result: str(result[0]))
    handlers[_TYPE] = {**handlers[_TYPE], "create": create}


def counts() -> dict[str, Any]:
    """What is told of every mapping of a stream, by its id."""
    return _REGISTRY.counts()


def stop(seconds: float) -> bool:
    """Ends all lanes; false when an invocation was still running after so many seconds."""
    return _REGISTRY.stop(seconds)


def _then(run: Callable[..., Any], after: Callable[[], None]) -> Callable[..., Any]:
    def replacement(*arguments: Any) -> Any:
        result = run(*arguments)
        after()
        return result

    return replacement


def _making(create: Callable[..., Any], place: int, uuid_of: Callable[[Any], str | None]) -> Callable[..., Any]:
    """A function that makes a mapping of the settings among its arguments, without losing any of them."""

    def replacement(*arguments: Any) -> Any:
        from ministack.services import lambda_svc

        asked = arguments[place]
        if source.of(asked) is None:
            return create(*arguments)
        settings_and_defaults = {"BatchSize": settings.DEFAULT_BATCH_SIZE, **asked}
        with _REGISTRY.lock:
            result = create(*arguments[:place], settings_and_defaults, *arguments[place + 1:])
            uuid = uuid_of(result)
            if uuid is not None:
                lambda_svc._esms[uuid].update({name: asked[name] for name in _KEPT if name in asked})
                _REGISTRY.refresh()
        return result

    return replacement


def _uuid_in_response(response: Any) -> str | None:
    status, _, body = response
    return str(json.loads(body)["UUID"]) if status == 202 else None
