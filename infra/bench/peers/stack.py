"""The stack of `infra-bench`, as a user of troposphere writes it."""

import sys

from troposphere import GetAtt, Ref, Sub, Template
from troposphere import (
    apigateway, athena, awslambda, cloudwatch, cognito, dynamodb, firehose, glue, iam, kinesis, kms,
    logs, s3, sns, sqs,
)

ACCOUNT, REGION = Ref("AWS::AccountId"), Ref("AWS::Region")
READ = ["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]
COLUMNS = [
    ("event_uuid", "string"), ("event_name", "string"), ("event_type", "string"),
    ("created_at", "double"), ("ingested_at", "timestamp"), ("payload", "string"),
]

template = Template(Description="What peers are measured on")
template.set_version("2010-09-09")
add = template.add_resource


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid, actions, resource):
    actions = actions[0] if len(actions) == 1 else actions
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}


def role(id, service, statements):
    assume = {"Sid": "Assume", "Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return add(iam.Role(
        id,
        AssumeRolePolicyDocument=document(assume),
        Policies=[iam.Policy(PolicyName="permissions", PolicyDocument=document(*statements))],
    ))


def log(id, name):
    return add(logs.LogGroup(
        id, DeletionPolicy="Retain", UpdateReplacePolicy="Retain",
        KmsKeyId=GetAtt("Key", "Arn"), LogGroupName=name, RetentionInDays=14,
    ))


def function(id, name, *statements):
    group = log(id + "Log", "/aws/lambda/bench-" + name)
    own = [
        allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], GetAtt(group, "Arn")),
        allow("DeadLetters", ["sqs:SendMessage"], GetAtt("DeadLetters", "Arn")),
    ]
    made = role(id + "Role", "lambda.amazonaws.com", [*own, *statements])
    return add(awslambda.Function(
        id,
        Architectures=["arm64"],
        Code=awslambda.Code(S3Bucket="bench-code", S3Key=name + ".zip"),
        DeadLetterConfig=awslambda.DeadLetterConfig(TargetArn=GetAtt("DeadLetters", "Arn")),
        Environment=awslambda.Environment(Variables={"NAME": name}),
        FunctionName="bench-" + name,
        Handler="bootstrap",
        KmsKeyArn=GetAtt("Key", "Arn"),
        LoggingConfig=awslambda.LoggingConfig(LogGroup=Ref(group)),
        MemorySize=256,
        Role=GetAtt(made, "Arn"),
        Runtime="provided.al2023",
        Timeout=30,
        TracingConfig=awslambda.TracingConfig(Mode="Active"),
    ))


def bucket(id, name):
    default = s3.ServerSideEncryptionByDefault(KMSMasterKeyID=GetAtt("Key", "Arn"), SSEAlgorithm="aws:kms")
    rule = s3.ServerSideEncryptionRule(BucketKeyEnabled=True, ServerSideEncryptionByDefault=default)
    made = add(s3.Bucket(
        id, DeletionPolicy="Retain", UpdateReplacePolicy="Retain",
        BucketEncryption=s3.BucketEncryption(ServerSideEncryptionConfiguration=[rule]),
        BucketName=Sub("bench-" + name + "-${AWS::AccountId}"),
        PublicAccessBlockConfiguration=s3.PublicAccessBlockConfiguration(
            BlockPublicAcls=True, BlockPublicPolicy=True, IgnorePublicAcls=True, RestrictPublicBuckets=True,
        ),
        VersioningConfiguration=s3.VersioningConfiguration(Status="Enabled"),
    ))
    deny = {
        "Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [GetAtt(made, "Arn"), Sub("${" + id + ".Arn}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": False}},
    }
    add(s3.BucketPolicy(id + "Policy", Bucket=Ref(made), PolicyDocument=document(deny)))
    return made


def alarm(id, meaning, namespace, metric, dimension, statistic="Sum", above=0.0):
    name, value = dimension
    add(cloudwatch.Alarm(
        id + "Alarm",
        AlarmActions=[Ref("Topic")],
        AlarmDescription=meaning,
        ComparisonOperator="GreaterThanThreshold",
        Dimensions=[cloudwatch.MetricDimension(Name=name, Value=value)],
        EvaluationPeriods=1,
        MetricName=metric,
        Namespace=namespace,
        Period=60,
        Statistic=statistic,
        Threshold=above,
        TreatMissingData="notBreaching",
    ))


def shared():
    administer = {
        "Sid": "Account", "Effect": "Allow",
        "Principal": {"AWS": Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
        "Action": "kms:*", "Resource": "*",
    }
    add(kms.Key(
        "Key", DeletionPolicy="Retain", UpdateReplacePolicy="Retain",
        EnableKeyRotation=True, KeyPolicy=document(administer),
    ))
    add(kms.Alias("KeyAlias", AliasName="alias/bench", TargetKeyId=Ref("Key")))
    add(sns.Topic("Topic", KmsMasterKeyId=GetAtt("Key", "Arn"), TopicName="bench-alarms"))
    add(sqs.Queue(
        "DeadLetters", DeletionPolicy="Retain", UpdateReplacePolicy="Retain",
        KmsMasterKeyId=GetAtt("Key", "Arn"), MessageRetentionPeriod=1209600, QueueName="bench-dead-letters",
    ))
    for id in ["Raw", "Curated", "Logs"]:
        bucket(id, id.lower())


def lake():
    add(kinesis.Stream(
        "Stream", DeletionPolicy="Retain", UpdateReplacePolicy="Retain",
        Name="bench-events",
        RetentionPeriodHours=24,
        StreamEncryption=kinesis.StreamEncryption(EncryptionType="KMS", KeyId="alias/aws/kinesis"),
        StreamModeDetails=kinesis.StreamModeDetails(StreamMode="ON_DEMAND"),
    ))
    add(glue.Database(
        "Database", CatalogId=ACCOUNT, DatabaseInput=glue.DatabaseInput(Name="bench_lake"),
    ))
    add(glue.Table(
        "Table",
        CatalogId=ACCOUNT,
        DatabaseName=Ref("Database"),
        TableInput=glue.TableInput(
            Name="events",
            TableType="EXTERNAL_TABLE",
            PartitionKeys=[glue.Column(Name=name, Type="string") for name in ["year", "month", "day", "hour"]],
            StorageDescriptor=glue.StorageDescriptor(
                Columns=[glue.Column(Name=name, Type=kind) for name, kind in COLUMNS],
                Location=Sub("s3://${Raw}/events/"),
                InputFormat="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                OutputFormat="org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                SerdeInfo=glue.SerdeInfo(
                    SerializationLibrary="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                ),
            ),
        ),
    ))
    role("CrawlerRole", "glue.amazonaws.com", [allow("Read", ["s3:GetObject"], Sub("${Raw.Arn}/events/*"))])
    add(glue.Crawler(
        "Crawler",
        Role=GetAtt("CrawlerRole", "Arn"),
        Schedule=glue.Schedule(ScheduleExpression="cron(10 * * * ? *)"),
        SchemaChangePolicy=glue.SchemaChangePolicy(DeleteBehavior="LOG", UpdateBehavior="LOG"),
        Targets=glue.Targets(CatalogTargets=[glue.CatalogTarget(DatabaseName=Ref("Database"), Tables=[Ref("Table")])]),
    ))
    function("Transform", "transform")
    log("DeliveryLog", "/aws/kinesisfirehose/bench-events")
    add(logs.LogStream("DeliveryLogStream", LogGroupName=Ref("DeliveryLog"), LogStreamName="delivery"))
    role("DeliveryRole", "firehose.amazonaws.com", [
        allow("Source", READ, GetAtt("Stream", "Arn")),
        allow("Transform", ["lambda:InvokeFunction"], Sub("${Transform.Arn}:*")),
        allow("Objects", ["s3:PutObject", "s3:AbortMultipartUpload"], Sub("${Raw.Arn}/*")),
        allow("Log", ["logs:PutLogEvents"], GetAtt("DeliveryLog", "Arn")),
    ])
    conversion = firehose.DataFormatConversionConfiguration(
        Enabled=True,
        InputFormatConfiguration=firehose.InputFormatConfiguration(
            Deserializer=firehose.Deserializer(OpenXJsonSerDe=firehose.OpenXJsonSerDe()),
        ),
        OutputFormatConfiguration=firehose.OutputFormatConfiguration(
            Serializer=firehose.Serializer(ParquetSerDe=firehose.ParquetSerDe(Compression="SNAPPY")),
        ),
        SchemaConfiguration=firehose.SchemaConfiguration(
            DatabaseName=Ref("Database"), Region=REGION, RoleARN=GetAtt("DeliveryRole", "Arn"),
            TableName=Ref("Table"), VersionId="LATEST",
        ),
    )
    lambda_arn = firehose.ProcessorParameter(
        ParameterName="LambdaArn", ParameterValue=Sub("${Transform.Arn}:$LATEST"),
    )
    add(firehose.DeliveryStream(
        "Delivery",
        DeliveryStreamName="bench-events",
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration=firehose.KinesisStreamSourceConfiguration(
            KinesisStreamARN=GetAtt("Stream", "Arn"), RoleARN=GetAtt("DeliveryRole", "Arn"),
        ),
        ExtendedS3DestinationConfiguration=firehose.ExtendedS3DestinationConfiguration(
            BucketARN=GetAtt("Raw", "Arn"),
            BufferingHints=firehose.BufferingHints(IntervalInSeconds=300, SizeInMBs=128),
            CloudWatchLoggingOptions=firehose.CloudWatchLoggingOptions(
                Enabled=True, LogGroupName=Ref("DeliveryLog"), LogStreamName=Ref("DeliveryLogStream"),
            ),
            CompressionFormat="UNCOMPRESSED",
            DataFormatConversionConfiguration=conversion,
            ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
            Prefix="events/!{timestamp:yyyy/MM/dd/HH}/",
            ProcessingConfiguration=firehose.ProcessingConfiguration(
                Enabled=True, Processors=[firehose.Processor(Parameters=[lambda_arn], Type="Lambda")],
            ),
            RoleARN=GetAtt("DeliveryRole", "Arn"),
        ),
    ))
    encryption = athena.EncryptionConfiguration(EncryptionOption="SSE_KMS", KmsKey=GetAtt("Key", "Arn"))
    add(athena.WorkGroup(
        "Workgroup",
        Name="bench",
        WorkGroupConfiguration=athena.WorkGroupConfiguration(
            EnforceWorkGroupConfiguration=True,
            ResultConfiguration=athena.ResultConfiguration(
                EncryptionConfiguration=encryption, OutputLocation=Sub("s3://${Raw}/results/"),
            ),
        ),
    ))
    for id, sql in [
        ("Count", "SELECT count(*) FROM events"),
        ("Latest", "SELECT * FROM events ORDER BY created_at DESC LIMIT 10"),
    ]:
        add(athena.NamedQuery(
            id + "Query", Database=Ref("Database"), Name=id.lower(), QueryString=sql, WorkGroup=Ref("Workgroup"),
        ))
    alarm(
        "IteratorAge", "Records wait for more than a minute", "AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds",
        ("StreamName", Ref("Stream")), "Maximum", 60000.0,
    )
    alarm(
        "Freshness", "The oldest record that is not delivered is too old", "AWS/Firehose",
        "DeliveryToS3.DataFreshness", ("DeliveryStreamName", Ref("Delivery")), "Maximum", 900.0,
    )


def web():
    for id in ["Items", "Users", "Ledger"]:
        add(dynamodb.Table(
            id, DeletionPolicy="Retain", UpdateReplacePolicy="Retain",
            AttributeDefinitions=[
                dynamodb.AttributeDefinition(AttributeName=name, AttributeType="S") for name in ["pk", "sk"]
            ],
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                dynamodb.KeySchema(AttributeName="pk", KeyType="HASH"),
                dynamodb.KeySchema(AttributeName="sk", KeyType="RANGE"),
            ],
            PointInTimeRecoverySpecification=dynamodb.PointInTimeRecoverySpecification(
                PointInTimeRecoveryEnabled=True,
            ),
            SSESpecification=dynamodb.SSESpecification(
                KMSMasterKeyId=GetAtt("Key", "Arn"), SSEEnabled=True, SSEType="KMS",
            ),
            TableName="bench-" + id.lower(),
        ))
    function(
        "Consume", "consume",
        allow("Source", READ, GetAtt("Stream", "Arn")),
        allow("Items", ["dynamodb:PutItem"], GetAtt("Items", "Arn")),
        allow("Curated", ["s3:PutObject"], Sub("${Curated.Arn}/*")),
    )
    function(
        "Serve", "serve",
        allow("Items", ["dynamodb:GetItem", "dynamodb:Query"], GetAtt("Items", "Arn")),
        allow("Users", ["dynamodb:GetItem", "dynamodb:PutItem"], GetAtt("Users", "Arn")),
    )
    function(
        "Notify", "notify",
        allow("Ledger", ["dynamodb:PutItem"], GetAtt("Ledger", "Arn")),
        allow("Tell", ["sns:Publish"], Ref("Topic")),
    )
    add(awslambda.EventSourceMapping(
        "ConsumeSource",
        BatchSize=100,
        BisectBatchOnFunctionError=True,
        DestinationConfig=awslambda.DestinationConfig(
            OnFailure=awslambda.OnFailure(Destination=GetAtt("DeadLetters", "Arn")),
        ),
        EventSourceArn=GetAtt("Stream", "Arn"),
        FunctionName=Ref("Consume"),
        FunctionResponseTypes=["ReportBatchItemFailures"],
        MaximumRetryAttempts=3,
        StartingPosition="TRIM_HORIZON",
    ))
    add(cognito.UserPool(
        "UserPool", DeletionPolicy="Retain", UpdateReplacePolicy="Retain",
        AutoVerifiedAttributes=["email"],
        Policies=cognito.Policies(PasswordPolicy=cognito.PasswordPolicy(
            MinimumLength=12, RequireLowercase=True, RequireNumbers=True, RequireSymbols=True, RequireUppercase=True,
        )),
        UserPoolName="bench-users",
    ))
    add(cognito.UserPoolClient(
        "UserPoolClient",
        ClientName="bench-web",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        PreventUserExistenceErrors="ENABLED",
        UserPoolId=Ref("UserPool"),
    ))
    add(cognito.UserPoolDomain("UserPoolDomain", Domain="bench-users", UserPoolId=Ref("UserPool")))
    rest_api()
    for id in ["Consume", "Serve", "Notify"]:
        for metric, meaning in [("Errors", "Calls fail"), ("Throttles", "Calls are refused")]:
            alarm(id + metric, meaning, "AWS/Lambda", metric, ("FunctionName", Ref(id)))
    alarm(
        "DeadLetters", "Something is in the queue of dead letters", "AWS/SQS", "ApproximateNumberOfMessagesVisible",
        ("QueueName", GetAtt("DeadLetters", "QueueName")), "Maximum",
    )
    alarm(
        "ApiErrors", "The API answers with errors of its own", "AWS/ApiGateway", "5XXError", ("ApiId", Ref("Api")),
    )


def rest_api():
    api = Ref(add(apigateway.RestApi("Api", Name="bench")))
    add(apigateway.Resource("ApiItems", ParentId=GetAtt("Api", "RootResourceId"), PathPart="items", RestApiId=api))
    add(apigateway.RequestValidator(
        "ApiValidator", RestApiId=api, ValidateRequestBody=True, ValidateRequestParameters=True,
    ))
    add(apigateway.Authorizer(
        "ApiAuthorizer",
        IdentitySource="method.request.header.Authorization",
        Name="users",
        ProviderARNs=[GetAtt("UserPool", "Arn")],
        RestApiId=api,
        Type="COGNITO_USER_POOLS",
    ))
    uri = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Serve.Arn}/invocations"
    add(apigateway.Method(
        "ApiGet",
        AuthorizationType="COGNITO_USER_POOLS",
        AuthorizerId=Ref("ApiAuthorizer"),
        HttpMethod="GET",
        Integration=apigateway.Integration(IntegrationHttpMethod="POST", Type="AWS_PROXY", Uri=Sub(uri)),
        RequestValidatorId=Ref("ApiValidator"),
        ResourceId=Ref("ApiItems"),
        RestApiId=api,
    ))
    add(apigateway.Deployment("ApiDeployment", DependsOn=["ApiGet"], RestApiId=api))
    add(apigateway.Stage(
        "ApiStage",
        DeploymentId=Ref("ApiDeployment"),
        MethodSettings=[apigateway.MethodSetting(
            HttpMethod="*", MetricsEnabled=True, ResourcePath="/*", ThrottlingBurstLimit=50, ThrottlingRateLimit=100,
        )],
        RestApiId=api,
        StageName="v1",
        TracingEnabled=True,
    ))
    add(awslambda.Permission(
        "ApiPermission",
        Action="lambda:InvokeFunction",
        FunctionName=Ref("Serve"),
        Principal="apigateway.amazonaws.com",
        SourceArn=Sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/GET/items"),
    ))


shared()
lake()
web()
sys.stdout.write(template.to_json())
