"""Resource types of CloudFormation that the emulator lacks."""

from launcher.cloudformation.named_query import install

__all__ = ["install"]
