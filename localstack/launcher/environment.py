"""The environment of the server, and so of every Lambda worker that it starts."""

from __future__ import annotations

from collections.abc import Mapping

from launcher.state import StateFolder

ACCOUNT = "000000000000"

# Settings of the caller's shell that would change the emulator's behaviour or send
# a Lambda to another cloud or through a proxy.
_REMOVED = (
    "ALL_PROXY", "ATHENA_ENGINE", "AUTH", "AWS_CONFIG_FILE", "AWS_DEFAULT_PROFILE", "AWS_PROFILE",
    "AWS_SESSION_TOKEN", "AWS_SHARED_CREDENTIALS_FILE", "EDGE_PORT", "HTTPS_PROXY", "HTTP_PROXY",
    "LAMBDA_ACCOUNT_CONCURRENCY", "LAMBDA_EXECUTOR", "LAMBDA_STRICT", "LOCALSTACK_HOSTNAME",
    "LOCALSTACK_PERSISTENCE", "PYTHONPATH", "SERVICES", "USE_SSL", "all_proxy", "http_proxy", "https_proxy",
)


def for_server(inherited: Mapping[str, str], state: StateFolder, port: int, region: str,
               log_level: str) -> dict[str, str]:
    """The whole environment, made from the caller's."""
    environment = {
        name: value
        for name, value in inherited.items()
        if name not in _REMOVED and not name.startswith("AWS_ENDPOINT_URL_")
    }
    environment.update({
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_DEFAULT_REGION": region,
        # Lambdas get the endpoint only when the server itself has it.
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_REGION": region,
        "AWS_SECRET_ACCESS_KEY": "test",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        # These two services open ports on every interface, whatever BIND_HOST says.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": log_level.upper(),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": region,
        "PERSIST_STATE": "0",
        "S3_DATA_DIR": str(state.objects),
        "S3_PERSIST": "0",
        "STATE_DIR": str(state.snapshots),
        "TMPDIR": str(state.temporary),
    })
    return environment
