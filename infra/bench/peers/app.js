// The stack of `infra-bench`, as a user of CDK writes it with L1 constructs.
//
// L2 constructs would add roles and policies of their own, and the templates would differ; L1 is
// also the least work that CDK can have with these resources.

const { App, CfnDeletionPolicy, Fn, LegacyStackSynthesizer, Stack, Aws } = require('aws-cdk-lib');
const apigateway = require('aws-cdk-lib/aws-apigateway');
const athena = require('aws-cdk-lib/aws-athena');
const cloudwatch = require('aws-cdk-lib/aws-cloudwatch');
const cognito = require('aws-cdk-lib/aws-cognito');
const dynamodb = require('aws-cdk-lib/aws-dynamodb');
const firehose = require('aws-cdk-lib/aws-kinesisfirehose');
const glue = require('aws-cdk-lib/aws-glue');
const iam = require('aws-cdk-lib/aws-iam');
const kinesis = require('aws-cdk-lib/aws-kinesis');
const kms = require('aws-cdk-lib/aws-kms');
const lambda = require('aws-cdk-lib/aws-lambda');
const logs = require('aws-cdk-lib/aws-logs');
const s3 = require('aws-cdk-lib/aws-s3');
const sns = require('aws-cdk-lib/aws-sns');
const sqs = require('aws-cdk-lib/aws-sqs');

const READ = ['kinesis:DescribeStream', 'kinesis:GetRecords', 'kinesis:GetShardIterator', 'kinesis:ListShards'];
const COLUMNS = {
  event_uuid: 'string', event_name: 'string', event_type: 'string',
  created_at: 'double', ingested_at: 'timestamp', payload: 'string',
};

const app = new App({ analyticsReporting: false, outdir: process.env.CDK_OUTDIR });
const stack = new Stack(app, 'Bench', {
  description: 'What peers are measured on',
  synthesizer: new LegacyStackSynthesizer(),
});

const retain = (resource) => {
  resource.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN;
  resource.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
  return resource;
};

const document = (...statements) => ({ Version: '2012-10-17', Statement: statements });

const allow = (Sid, actions, Resource) => ({
  Sid, Effect: 'Allow', Action: actions.length === 1 ? actions[0] : actions, Resource,
});

const role = (id, service, statements) => new iam.CfnRole(stack, id, {
  assumeRolePolicyDocument: document({
    Sid: 'Assume', Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole',
  }),
  policies: [{ policyName: 'permissions', policyDocument: document(...statements) }],
});

const administer = {
  Sid: 'Account', Effect: 'Allow',
  Principal: { AWS: Fn.sub('arn:${AWS::Partition}:iam::${AWS::AccountId}:root') },
  Action: 'kms:*', Resource: '*',
};
const key = retain(new kms.CfnKey(stack, 'Key', { enableKeyRotation: true, keyPolicy: document(administer) }));
new kms.CfnAlias(stack, 'KeyAlias', { aliasName: 'alias/bench', targetKeyId: key.ref });
const topic = new sns.CfnTopic(stack, 'Topic', { kmsMasterKeyId: key.attrArn, topicName: 'bench-alarms' });
const deadLetters = retain(new sqs.CfnQueue(stack, 'DeadLetters', {
  kmsMasterKeyId: key.attrArn, messageRetentionPeriod: 1209600, queueName: 'bench-dead-letters',
}));

const log = (id, name) => retain(new logs.CfnLogGroup(stack, id, {
  kmsKeyId: key.attrArn, logGroupName: name, retentionInDays: 14,
}));

const lambdaFunction = (id, name, ...statements) => {
  const group = log(`${id}Log`, `/aws/lambda/bench-${name}`);
  const own = [
    allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], group.attrArn),
    allow('DeadLetters', ['sqs:SendMessage'], deadLetters.attrArn),
  ];
  const made = role(`${id}Role`, 'lambda.amazonaws.com', [...own, ...statements]);
  return new lambda.CfnFunction(stack, id, {
    architectures: ['arm64'],
    code: { s3Bucket: 'bench-code', s3Key: `${name}.zip` },
    deadLetterConfig: { targetArn: deadLetters.attrArn },
    environment: { variables: { NAME: name } },
    functionName: `bench-${name}`,
    handler: 'bootstrap',
    kmsKeyArn: key.attrArn,
    loggingConfig: { logGroup: group.ref },
    memorySize: 256,
    role: made.attrArn,
    runtime: 'provided.al2023',
    timeout: 30,
    tracingConfig: { mode: 'Active' },
  });
};

const bucket = (id) => {
  const made = retain(new s3.CfnBucket(stack, id, {
    bucketEncryption: {
      serverSideEncryptionConfiguration: [{
        bucketKeyEnabled: true,
        serverSideEncryptionByDefault: { kmsMasterKeyId: key.attrArn, sseAlgorithm: 'aws:kms' },
      }],
    },
    bucketName: Fn.sub(`bench-${id.toLowerCase()}-\${AWS::AccountId}`),
    publicAccessBlockConfiguration: {
      blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true,
    },
    versioningConfiguration: { status: 'Enabled' },
  }));
  new s3.CfnBucketPolicy(stack, `${id}Policy`, {
    bucket: made.ref,
    policyDocument: document({
      Sid: 'TlsOnly', Effect: 'Deny', Principal: '*', Action: 's3:*',
      Resource: [made.attrArn, Fn.sub(`\${${id}.Arn}/*`)],
      Condition: { Bool: { 'aws:SecureTransport': false } },
    }),
  });
  return made;
};

const alarm = (id, alarmDescription, namespace, metricName, [name, value], statistic = 'Sum', threshold = 0) =>
  new cloudwatch.CfnAlarm(stack, `${id}Alarm`, {
    alarmActions: [topic.ref],
    alarmDescription,
    comparisonOperator: 'GreaterThanThreshold',
    dimensions: [{ name, value }],
    evaluationPeriods: 1,
    metricName,
    namespace,
    period: 60,
    statistic,
    threshold,
    treatMissingData: 'notBreaching',
  });

const raw = bucket('Raw');
bucket('Curated');
bucket('Logs');

// The half that takes events.
const stream = retain(new kinesis.CfnStream(stack, 'Stream', {
  name: 'bench-events',
  retentionPeriodHours: 24,
  streamEncryption: { encryptionType: 'KMS', keyId: 'alias/aws/kinesis' },
  streamModeDetails: { streamMode: 'ON_DEMAND' },
}));
const database = new glue.CfnDatabase(stack, 'Database', {
  catalogId: Aws.ACCOUNT_ID, databaseInput: { name: 'bench_lake' },
});
const table = new glue.CfnTable(stack, 'Table', {
  catalogId: Aws.ACCOUNT_ID,
  databaseName: database.ref,
  tableInput: {
    name: 'events',
    tableType: 'EXTERNAL_TABLE',
    partitionKeys: ['year', 'month', 'day', 'hour'].map((name) => ({ name, type: 'string' })),
    storageDescriptor: {
      columns: Object.entries(COLUMNS).map(([name, type]) => ({ name, type })),
      location: Fn.sub('s3://${Raw}/events/'),
      inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
    },
  },
});
const crawlerRole = role('CrawlerRole', 'glue.amazonaws.com', [
  allow('Read', ['s3:GetObject'], Fn.sub('${Raw.Arn}/events/*')),
]);
new glue.CfnCrawler(stack, 'Crawler', {
  role: crawlerRole.attrArn,
  schedule: { scheduleExpression: 'cron(10 * * * ? *)' },
  schemaChangePolicy: { deleteBehavior: 'LOG', updateBehavior: 'LOG' },
  targets: { catalogTargets: [{ databaseName: database.ref, tables: [table.ref] }] },
});
lambdaFunction('Transform', 'transform');
const deliveryLog = log('DeliveryLog', '/aws/kinesisfirehose/bench-events');
const deliveryLogStream = new logs.CfnLogStream(stack, 'DeliveryLogStream', {
  logGroupName: deliveryLog.ref, logStreamName: 'delivery',
});
const deliveryRole = role('DeliveryRole', 'firehose.amazonaws.com', [
  allow('Source', READ, stream.attrArn),
  allow('Transform', ['lambda:InvokeFunction'], Fn.sub('${Transform.Arn}:*')),
  allow('Objects', ['s3:PutObject', 's3:AbortMultipartUpload'], Fn.sub('${Raw.Arn}/*')),
  allow('Log', ['logs:PutLogEvents'], deliveryLog.attrArn),
]);
const delivery = new firehose.CfnDeliveryStream(stack, 'Delivery', {
  deliveryStreamName: 'bench-events',
  deliveryStreamType: 'KinesisStreamAsSource',
  kinesisStreamSourceConfiguration: { kinesisStreamArn: stream.attrArn, roleArn: deliveryRole.attrArn },
  extendedS3DestinationConfiguration: {
    bucketArn: raw.attrArn,
    bufferingHints: { intervalInSeconds: 300, sizeInMBs: 128 },
    cloudWatchLoggingOptions: {
      enabled: true, logGroupName: deliveryLog.ref, logStreamName: deliveryLogStream.ref,
    },
    compressionFormat: 'UNCOMPRESSED',
    dataFormatConversionConfiguration: {
      enabled: true,
      inputFormatConfiguration: { deserializer: { openXJsonSerDe: {} } },
      outputFormatConfiguration: { serializer: { parquetSerDe: { compression: 'SNAPPY' } } },
      schemaConfiguration: {
        databaseName: database.ref, region: Aws.REGION, roleArn: deliveryRole.attrArn,
        tableName: table.ref, versionId: 'LATEST',
      },
    },
    errorOutputPrefix: 'errors/!{firehose:error-output-type}/',
    prefix: 'events/!{timestamp:yyyy/MM/dd/HH}/',
    processingConfiguration: {
      enabled: true,
      processors: [{
        type: 'Lambda',
        parameters: [{ parameterName: 'LambdaArn', parameterValue: Fn.sub('${Transform.Arn}:$LATEST') }],
      }],
    },
    roleArn: deliveryRole.attrArn,
  },
});
const workgroup = new athena.CfnWorkGroup(stack, 'Workgroup', {
  name: 'bench',
  workGroupConfiguration: {
    enforceWorkGroupConfiguration: true,
    resultConfiguration: {
      encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: key.attrArn },
      outputLocation: Fn.sub('s3://${Raw}/results/'),
    },
  },
});
for (const [id, queryString] of [
  ['Count', 'SELECT count(*) FROM events'],
  ['Latest', 'SELECT * FROM events ORDER BY created_at DESC LIMIT 10'],
]) {
  new athena.CfnNamedQuery(stack, `${id}Query`, {
    database: database.ref, name: id.toLowerCase(), queryString, workGroup: workgroup.ref,
  });
}
alarm('IteratorAge', 'Records wait for more than a minute', 'AWS/Kinesis', 'GetRecords.IteratorAgeMilliseconds',
  ['StreamName', stream.ref], 'Maximum', 60000);
alarm('Freshness', 'The oldest record that is not delivered is too old', 'AWS/Firehose',
  'DeliveryToS3.DataFreshness', ['DeliveryStreamName', delivery.ref], 'Maximum', 900);

// The half that people use.
const [items, users, ledger] = ['Items', 'Users', 'Ledger'].map((id) => retain(new dynamodb.CfnTable(stack, id, {
  attributeDefinitions: ['pk', 'sk'].map((attributeName) => ({ attributeName, attributeType: 'S' })),
  billingMode: 'PAY_PER_REQUEST',
  keySchema: [{ attributeName: 'pk', keyType: 'HASH' }, { attributeName: 'sk', keyType: 'RANGE' }],
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  sseSpecification: { kmsMasterKeyId: key.attrArn, sseEnabled: true, sseType: 'KMS' },
  tableName: `bench-${id.toLowerCase()}`,
})));
const consume = lambdaFunction('Consume', 'consume',
  allow('Source', READ, stream.attrArn),
  allow('Items', ['dynamodb:PutItem'], items.attrArn),
  allow('Curated', ['s3:PutObject'], Fn.sub('${Curated.Arn}/*')));
const serve = lambdaFunction('Serve', 'serve',
  allow('Items', ['dynamodb:GetItem', 'dynamodb:Query'], items.attrArn),
  allow('Users', ['dynamodb:GetItem', 'dynamodb:PutItem'], users.attrArn));
const notify = lambdaFunction('Notify', 'notify',
  allow('Ledger', ['dynamodb:PutItem'], ledger.attrArn),
  allow('Tell', ['sns:Publish'], topic.ref));
new lambda.CfnEventSourceMapping(stack, 'ConsumeSource', {
  batchSize: 100,
  bisectBatchOnFunctionError: true,
  destinationConfig: { onFailure: { destination: deadLetters.attrArn } },
  eventSourceArn: stream.attrArn,
  functionName: consume.ref,
  functionResponseTypes: ['ReportBatchItemFailures'],
  maximumRetryAttempts: 3,
  startingPosition: 'TRIM_HORIZON',
});
const pool = retain(new cognito.CfnUserPool(stack, 'UserPool', {
  autoVerifiedAttributes: ['email'],
  policies: {
    passwordPolicy: {
      minimumLength: 12, requireLowercase: true, requireNumbers: true, requireSymbols: true, requireUppercase: true,
    },
  },
  userPoolName: 'bench-users',
}));
new cognito.CfnUserPoolClient(stack, 'UserPoolClient', {
  clientName: 'bench-web',
  explicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  preventUserExistenceErrors: 'ENABLED',
  userPoolId: pool.ref,
});
new cognito.CfnUserPoolDomain(stack, 'UserPoolDomain', { domain: 'bench-users', userPoolId: pool.ref });

const api = new apigateway.CfnRestApi(stack, 'Api', { name: 'bench' });
const restApiId = api.ref;
const resource = new apigateway.CfnResource(stack, 'ApiItems', {
  parentId: api.attrRootResourceId, pathPart: 'items', restApiId,
});
const validator = new apigateway.CfnRequestValidator(stack, 'ApiValidator', {
  restApiId, validateRequestBody: true, validateRequestParameters: true,
});
const authorizer = new apigateway.CfnAuthorizer(stack, 'ApiAuthorizer', {
  identitySource: 'method.request.header.Authorization',
  name: 'users',
  providerArns: [pool.attrArn],
  restApiId,
  type: 'COGNITO_USER_POOLS',
});
const get = new apigateway.CfnMethod(stack, 'ApiGet', {
  authorizationType: 'COGNITO_USER_POOLS',
  authorizerId: authorizer.ref,
  httpMethod: 'GET',
  integration: {
    integrationHttpMethod: 'POST',
    type: 'AWS_PROXY',
    uri: Fn.sub('arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Serve.Arn}/invocations'),
  },
  requestValidatorId: validator.ref,
  resourceId: resource.ref,
  restApiId,
});
const deployment = new apigateway.CfnDeployment(stack, 'ApiDeployment', { restApiId });
deployment.addResourceDependency(get);
new apigateway.CfnStage(stack, 'ApiStage', {
  deploymentId: deployment.ref,
  methodSettings: [{
    httpMethod: '*', metricsEnabled: true, resourcePath: '/*', throttlingBurstLimit: 50, throttlingRateLimit: 100,
  }],
  restApiId,
  stageName: 'v1',
  tracingEnabled: true,
});
new lambda.CfnPermission(stack, 'ApiPermission', {
  action: 'lambda:InvokeFunction',
  functionName: serve.ref,
  principal: 'apigateway.amazonaws.com',
  sourceArn: Fn.sub('arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/GET/items'),
});

for (const [id, made] of Object.entries({ Consume: consume, Serve: serve, Notify: notify })) {
  for (const [metric, meaning] of [['Errors', 'Calls fail'], ['Throttles', 'Calls are refused']]) {
    alarm(id + metric, meaning, 'AWS/Lambda', metric, ['FunctionName', made.ref]);
  }
}
alarm('DeadLetters', 'Something is in the queue of dead letters', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible',
  ['QueueName', deadLetters.attrQueueName], 'Maximum');
alarm('ApiErrors', 'The API answers with errors of its own', 'AWS/ApiGateway', '5XXError', ['ApiId', api.ref]);

app.synth();
