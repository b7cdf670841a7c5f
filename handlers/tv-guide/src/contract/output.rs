//! Output keys of the TV guide's stack, read by the operator commands, the tests and the page.

/// The user that tests and demonstrations make: an e-mail address of a domain that nobody has.
pub const TEST_USERNAME: &str = "TestUsername";
/// Id of the app client that signs in with e-mail address and password.
pub const USER_POOL_CLIENT_ID: &str = "UserPoolClientId";
/// Id of the Cognito user pool.
pub const USER_POOL_ID: &str = "UserPoolId";
/// Name of the function `tv-guide-ingest`.
pub const INGEST_FUNCTION_NAME: &str = "PeriodicDataIngestionFunctionName";
/// ARN of the function `tv-guide-ingest`.
pub const INGEST_FUNCTION_ARN: &str = "PeriodicDataIngestionFunctionArn";
/// Name of the function `tv-guide-reference`.
pub const REFERENCE_FUNCTION_NAME: &str = "ReferenceFunctionName";
/// URL of the HTTP API, without a slash at its end.
pub const API_URL: &str = "ApiUrl";
/// URL of the guide's page.
pub const SITE_URL: &str = "SiteUrl";
/// Name of the bucket that holds the page's files.
pub const SITE_BUCKET_NAME: &str = "SiteBucketName";
/// Id of the CloudFront distribution that serves them.
pub const DISTRIBUTION_ID: &str = "DistributionId";
/// URL at which Cognito's own page signs people in, for the authorization code flow.
pub const SIGN_IN_URL: &str = "SignInUrl";
/// Name of the table of programmes.
pub const PROGRAMMES_TABLE_NAME: &str = "ProgrammesTableName";
/// Name of the stream of programmes.
pub const PROGRAMME_STREAM_NAME: &str = "ProgrammeStreamName";
/// ARN of the topic that changes of favourites are published to.
pub const NOTIFICATION_TOPIC_ARN: &str = "NotificationTopicArn";
/// Name of the bucket of records that cannot be used.
pub const QUARANTINE_BUCKET_NAME: &str = "QuarantineBucketName";
/// Where they are in it.
pub const QUARANTINE_PREFIX: &str = "QuarantinePrefix";
/// URL of the queue of dead letters.
pub const DEAD_LETTERS_URL: &str = "GuideDeadLettersUrl";

/// The value of [`TEST_USERNAME`].
pub const TEST_USER: &str = "test.user@example.com";
