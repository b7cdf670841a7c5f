"""The process that is the local cloud: the emulator, its replacements and the listening sockets."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import secrets
import shutil
import signal
import socket
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from launcher import emulator, environment
from launcher.failure import EXIT_EMULATOR, EXIT_PORT, LaunchFailure
from launcher.state import StateFolder

LOGGER = logging.getLogger("headend.server")

# Below the supervisor's patience, so that the server ends by its own decision.
FLUSH_SECONDS = 45.0
INVOCATION_SECONDS = 5.0
SHUTDOWN_SECONDS = 5.0


def run(brief_text: str) -> int:
    """Serves until the lifeline ends, and takes its whole process group with it."""
    brief = json.loads(brief_text)
    for name in ("lifeline", "report", "lock"):
        os.set_inheritable(brief[name], False)
    state = StateFolder(Path(brief["state"]))
    try:
        asyncio.run(_serve(_prepare(brief, state), _listen(0), brief))
    except LaunchFailure as failure:
        _report(brief, {"failure": str(failure), "exit_code": failure.exit_code})
    except ImportError as error:
        _report(brief, {"failure": f"a package is missing ({error}): {emulator.CURE}", "exit_code": EXIT_EMULATOR})
    except BaseException:
        LOGGER.exception("the local cloud failed")
    finally:
        _end(brief, state)
    return 0


def _prepare(brief: dict[str, Any], state: StateFolder) -> socket.socket:
    """Takes the port, sets the environment and puts the replacements in, in this order.

    The emulator reads its environment while it is imported, and the port is part of it.
    """
    listener = _listen(int(brief["port"]))
    wanted = environment.for_server(
        os.environ, state, listener.getsockname()[1], brief["region"], brief["log_level"])
    os.environ.clear()
    os.environ.update(wanted)
    _raise_descriptor_limit()
    emulator.check_names()

    from launcher import athena, cloudformation, dynamodb, firehose, glue, kinesis, mapping, site

    firehose.install(float(brief["time_scale"]))
    athena.install()
    glue.install(float(brief["time_scale"]))
    cloudformation.install()
    dynamodb.install()
    kinesis.install()
    site.install()
    mapping.install(float(brief["time_scale"]))
    return listener


async def _serve(listener: socket.socket, site_listener: socket.socket, brief: dict[str, Any]) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    from launcher import admin, site

    stop = asyncio.Event()
    _watch_for_stop(stop, int(brief["lifeline"]))
    config = Config()
    config.bind = [f"fd://{listener.fileno()}", f"fd://{site_listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = SHUTDOWN_SECONDS
    config.shutdown_timeout = SHUTDOWN_SECONDS
    config.loglevel = "WARNING"
    port, site_port = listener.getsockname()[1], site_listener.getsockname()[1]
    application = site.around(admin.around(app), site_port)
    address = f"http://127.0.0.1:{site_port}"
    services = _start_upstreams(float(brief["time_scale"]), address + site.PICTURES)
    serving = asyncio.create_task(serve(application, config, shutdown_trigger=lambda: _drained(stop)))
    await asyncio.wait({serving, asyncio.create_task(_answers(port))}, return_when=asyncio.FIRST_COMPLETED)
    if not serving.done():
        _report(brief, {"cloud": {
            "endpoint": f"http://127.0.0.1:{port}", "port": port, "pid": brief["supervisor"],
            "region": brief["region"], "account": environment.ACCOUNT, **services,
            "site": address,
        }})
    await serving


def _start_upstreams(time_scale: float, pictures: str) -> dict[str, str]:
    """Starts the fake upstreams; their addresses, and the key of this start that Watchmode takes."""
    import upstreams

    key = secrets.token_hex(16)
    origins = upstreams.start(datetime.now(timezone.utc).date(), key, time_scale=time_scale, pictures=pictures)
    return {**origins.addresses(), "watchmode_key": key}


async def _drained(stop: asyncio.Event) -> None:
    """Ends when a stop was asked for and the buffers are in S3; the cloud answers until then."""
    from launcher import firehose, mapping

    await stop.wait()
    if not await asyncio.to_thread(mapping.stop, INVOCATION_SECONDS):
        LOGGER.warning("stopping while a function still has a batch")
    left = await asyncio.to_thread(firehose.drain, FLUSH_SECONDS)
    LOGGER.log(
        logging.ERROR if left else logging.INFO, "stopping with %d records undelivered: %s", left, firehose.counts())


def _watch_for_stop(stop: asyncio.Event, lifeline: int) -> None:
    loop = asyncio.get_running_loop()

    def follow_lifeline() -> None:
        while os.read(lifeline, 4096):
            pass
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=follow_lifeline, name="headend-lifeline", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


async def _answers(port: int) -> None:
    """Ends when the health request is answered with 200."""
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /_ministack/health HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            status = await reader.readline()
            writer.close()
            if b" 200" in status:
                return
        except OSError:
            pass
        await asyncio.sleep(0.02)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(1024)
    except OSError as error:
        raise LaunchFailure(
            EXIT_PORT,
            f"port {port} cannot be opened on 127.0.0.1 ({error.strerror}): "
            "stop the program that has it, or use --port 0 to take a free one") from error
    listener.setblocking(False)
    return listener


def _raise_descriptor_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        LOGGER.warning("the limit of open files stays at %d", soft)


def _report(brief: dict[str, Any], content: dict[str, Any]) -> None:
    try:
        os.write(int(brief["report"]), (json.dumps(content) + "\n").encode())
    except BrokenPipeError:
        LOGGER.warning("the supervisor is gone")


def _end(brief: dict[str, Any], state: StateFolder) -> None:
    """Kills the Lambda workers and then every process of this group, itself included."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    state.retract(int(brief["supervisor"]))
    try:
        from ministack.core import lambda_runtime

        lambda_runtime.reset()
    except Exception:
        LOGGER.exception("the Lambda workers did not end by themselves")
    shutil.rmtree(state.temporary, ignore_errors=True)
    logging.shutdown()
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
