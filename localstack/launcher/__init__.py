"""The launcher of the local cloud.

It starts MiniStack, pinned to one version, and replaces from outside the few
functions whose behaviour differs from AWS in a way that our systems depend on.
It knows nothing of our stacks: every behaviour here is one of AWS.

Reading order:

- `command`, `options`: the command line and its exit codes.
- `supervisor`, `state`: the process that the caller sees; it owns the state folder and the server.
- `server`, `environment`, `emulator`: the process that is the cloud, and what is checked before it starts.
- `firehose`: buffering, transform calls, partitions, Parquet, error documents.
- `mapping`: event source mappings of Kinesis and DynamoDB streams.
- `glue`: crawlers and partitions.
- `athena`: Trino SQL on DuckDB, over the tables of the Glue catalogue.
- `dynamodb`: queries of large partitions.
- `kinesis`: sequence numbers.
- `cloudformation`: resource types that the emulator lacks.
- `site`: CloudFront on a port that a browser can open.
- `admin`: what is in flight, over HTTP.

The package `upstreams` beside this one is part of every local cloud, too, and runs in the same process.
"""
