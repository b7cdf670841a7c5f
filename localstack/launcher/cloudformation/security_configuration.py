"""AWS::Glue::SecurityConfiguration, on the emulator's own security configurations."""

from __future__ import annotations

import json
from typing import Any


def register(handlers: dict[str, Any]) -> None:
    """Adds the type."""
    handlers["AWS::Glue::SecurityConfiguration"] = {"create": _create, "update": _update, "delete": _delete}


def _create(logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
    from ministack.services import glue

    for member in ("Name", "EncryptionConfiguration"):
        if not properties.get(member):
            raise ValueError(f"Property validation failure: [The property {{/{member}}} is required]")
    encryption = dict(properties["EncryptionConfiguration"])
    if "S3Encryptions" in encryption:
        # The one member whose name in templates is not the name in the API.
        encryption["S3Encryption"] = encryption.pop("S3Encryptions")
    status, _, body = glue._create_security_configuration(
        {"Name": properties["Name"], "EncryptionConfiguration": encryption})
    if status >= 400:
        raise ValueError(str(json.loads(body).get("message")))
    return str(properties["Name"]), {}


def _update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
    # Both properties need replacement on AWS, which refuses to replace under the same name.
    if new.get("Name") == physical_id:
        raise ValueError(
            f"CloudFormation cannot update a stack when a custom-named resource requires replacing. "
            f"Rename {physical_id} and update the stack again.")
    created = _create("", new, stack_name)
    _delete(physical_id, old)
    return created


def _delete(physical_id: str, properties: dict[str, Any]) -> None:
    from ministack.services import glue

    glue._delete_security_configuration({"Name": physical_id})
