//! Start-up, telemetry and failures of a Lambda function.
