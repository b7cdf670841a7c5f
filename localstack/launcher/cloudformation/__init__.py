"""Resource types of CloudFormation that the emulator lacks, or makes in a way that nobody can use."""

from launcher.cloudformation import http_api, named_query, security_configuration


def install() -> None:
    """Registers the types; a change set that names an unknown one is refused."""
    from ministack.services.cloudformation import provisioners

    http_api.register(provisioners._RESOURCE_HANDLERS)
    named_query.register(provisioners._RESOURCE_HANDLERS)
    security_configuration.register(provisioners._RESOURCE_HANDLERS)
