"""AWS::ApiGatewayV2::Api, with an endpoint that every client can open and the template's CORS.

The emulator's endpoint has the id of the API in front of an IP address, which is no host name:
browsers refuse it and nothing resolves it. The form below is the emulator's, too, and is
followed by the stage or, for `$default`, by the path, as on AWS.
Its CORS settings have the names of the API's members, and a template writes them with capitals,
so that it would refuse every page.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

_TYPE = "AWS::ApiGatewayV2::Api"
_CORS = "CorsConfiguration"

_Made = tuple[str, dict[str, str]]


def register(handlers: dict[str, Any]) -> None:
    """Puts the replacements around what makes and updates an API."""
    create: Callable[..., _Made] = handlers[_TYPE]["create"]
    update: Callable[..., _Made] = handlers[_TYPE]["update"]

    def replaced_create(logical_id: str, properties: dict[str, Any], stack_name: str) -> _Made:
        from ministack.services import apigateway

        api_id, attributes = create(logical_id, _renamed(properties), stack_name)
        api = apigateway._apis.get(api_id)
        if api["protocolType"] == "HTTP":
            # An update reads it from here again.
            api["apiEndpoint"] = f"{os.environ['AWS_ENDPOINT_URL']}/_aws/execute-api/{api_id}"
        return api_id, {**attributes, "ApiEndpoint": api["apiEndpoint"]}

    def replaced_update(physical_id: str, old: dict[str, Any], new: dict[str, Any], *more: Any, **named: Any) -> _Made:
        return update(physical_id, _renamed(old), _renamed(new), *more, **named)

    handlers[_TYPE] = {**handlers[_TYPE], "create": replaced_create, "update": replaced_update}


def _renamed(properties: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(properties.get(_CORS), dict):
        return properties
    members = {name[0].lower() + name[1:]: value for name, value in properties[_CORS].items()}
    return {**properties, _CORS: members}
