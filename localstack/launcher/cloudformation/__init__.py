"""Resource types of CloudFormation that the emulator lacks."""

from launcher.cloudformation import named_query, security_configuration


def install() -> None:
    """Registers the types; a change set that names an unknown one is refused."""
    from ministack.services.cloudformation import provisioners

    named_query.register(provisioners._RESOURCE_HANDLERS)
    security_configuration.register(provisioners._RESOURCE_HANDLERS)
