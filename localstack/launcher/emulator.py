"""The emulator that the replacements were written for.

They take the place of private functions, so another version may break them
without a sign; the launcher refuses to start on anything but the pinned one.
"""

from __future__ import annotations

import importlib
from importlib import metadata

from launcher.failure import EXIT_EMULATOR, LaunchFailure

PINNED_VERSION = "1.5.33"

# Every name that the launcher replaces or calls, by module.
USED_NAMES: dict[str, tuple[str, ...]] = {
    "ministack.app": ("app",),
    "ministack.core.iam_evaluator": ("pin_request_origin",),
    "ministack.core.lambda_runtime": ("reset",),
    "ministack.core.responses": (
        "error_response_json", "get_account_id", "get_region", "json_response", "request_scope",
    ),
    "ministack.services.apigateway": ("_apis",),
    "ministack.services.athena": (
        "_create_named_query", "_data_format", "_delete_named_query", "_execute_query", "_executions",
        "_run_duckdb", "_save_query_results", "_table_relation", "_workgroups",
    ),
    "ministack.services.cloudfront": ("_check_allowed_methods", "_distributions", "handle_viewer_request"),
    "ministack.services.cloudformation.provisioners": ("_RESOURCE_HANDLERS",),
    "ministack.services.dynamodb": ("_evaluate_condition", "_tables", "stream_live_records"),
    "ministack.services.firehose": (
        "_DeliveryError", "_deliver_records_to_s3", "_java_time", "_metadata_extraction_keys",
        "_s3_bucket_from_arn", "_streams", "ingest_from_kinesis_source",
    ),
    "ministack.services.glue": (
        "CRAWLER_RUN_SECONDS", "_batch_update_partition", "_crawlers", "_create_partition",
        "_create_security_configuration", "_databases", "_delete_partition", "_delete_security_configuration",
        "_handle_request_sync",
        "_partitions", "_start_crawler", "_tables",
    ),
    "ministack.services.kinesis": (
        "_next_sequence_number", "_put_record", "_put_records", "_resolve_stream", "_streams", "put_record_internal",
    ),
    "ministack.services.lambda_svc": (
        "_apply_filter_criteria", "_create_esm", "_esms", "_execute_function", "_functions",
        "_get_func_record_for_qualifier", "_iter_all_esms", "_poll_dynamodb_streams", "_poll_kinesis",
        "_release_esm_poll_state", "_resolve_name_and_qualifier",
    ),
    "ministack.services.s3": ("_buckets", "_get_object_data", "_put_object"),
}

# What to do when the packages are not the pinned ones.
CURE = "install the pinned packages with: pip install --require-hashes -r localstack/requirements.txt"


def check_version() -> None:
    """Refuses an emulator that is missing or of another version."""
    try:
        installed = metadata.version("ministack")
    except metadata.PackageNotFoundError:
        raise LaunchFailure(EXIT_EMULATOR, f"MiniStack is not installed: {CURE}") from None
    if installed != PINNED_VERSION:
        raise LaunchFailure(
            EXIT_EMULATOR, f"MiniStack {installed} is installed but {PINNED_VERSION} is needed: {CURE}")


def check_names() -> None:
    """Refuses an emulator that lacks a name which is replaced or called."""
    for module_name, names in USED_NAMES.items():
        try:
            module = importlib.import_module(module_name)
        except ImportError as error:
            raise LaunchFailure(EXIT_EMULATOR, f"MiniStack cannot be loaded ({error}): {CURE}") from error
        for name in names:
            if not hasattr(module, name):
                raise LaunchFailure(EXIT_EMULATOR, f"MiniStack lacks {module_name}.{name}: {CURE}")
