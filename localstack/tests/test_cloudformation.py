"""What the stacks need of CloudFormation beyond what the emulator has."""

from __future__ import annotations

import io
import json
import sys
import unittest
import zipfile
from typing import Any

from botocore.exceptions import WaiterError

from .cloud import REGION, ROLE, Cloud, bootstrap_zip, unique, until

# Every type that a stack of the lake uses must be known.
LAKE_TYPES = (
    "AWS::Athena::NamedQuery", "AWS::Athena::WorkGroup", "AWS::CloudWatch::Alarm", "AWS::Glue::Crawler",
    "AWS::Glue::Database", "AWS::Glue::SecurityConfiguration", "AWS::Glue::Table", "AWS::IAM::Policy", "AWS::IAM::Role",
    "AWS::KMS::Alias", "AWS::KMS::Key", "AWS::Kinesis::Stream", "AWS::KinesisFirehose::DeliveryStream",
    "AWS::Lambda::Alias", "AWS::Lambda::Function", "AWS::Lambda::Permission", "AWS::Lambda::Version",
    "AWS::Logs::LogGroup", "AWS::Logs::LogStream", "AWS::S3::Bucket", "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy",
)


def setUpModule() -> None:
    global CLOUD, CFN
    CLOUD = Cloud()
    CFN = CLOUD.client("cloudformation")


def tearDownModule() -> None:
    CLOUD.discard()


def function_zip(answer: str) -> bytes:
    """A function that answers every request with one word."""
    source = (
        f"#!{sys.executable}\nimport os, urllib.request\n"
        "base = f\"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation\"\n"
        "while True:\n"
        "    with urllib.request.urlopen(f'{base}/next') as call:\n"
        "        request = call.headers['Lambda-Runtime-Aws-Request-Id']\n"
        f"    urllib.request.urlopen(urllib.request.Request(f'{{base}}/{{request}}/response', data=b'\"{answer}\"'))\n")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, source)
    return packed.getvalue()


class Stack:
    """A stack that is changed by change sets alone, as our own tool does it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def apply(self, template: dict[str, Any], kind: str, parameters: list[dict[str, Any]] | None = None) -> None:
        """Makes and runs a change set."""
        CFN.create_change_set(
            StackName=self.name, ChangeSetName=kind.lower() + unique("x"), ChangeSetType=kind,
            TemplateBody=json.dumps(template), Parameters=parameters or [], Capabilities=["CAPABILITY_NAMED_IAM"])
        change_set = CFN.list_change_sets(StackName=self.name)["Summaries"][-1]["ChangeSetId"]
        CFN.get_waiter("change_set_create_complete").wait(
            ChangeSetName=change_set, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
        CFN.execute_change_set(ChangeSetName=change_set)
        try:
            CFN.get_waiter(f"stack_{kind.lower()}_complete").wait(
                StackName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
        except WaiterError as error:
            events = CFN.describe_stack_events(StackName=self.name)["StackEvents"]
            raise AssertionError([event.get("ResourceStatusReason") for event in events]) from error

    def outputs(self) -> dict[str, str]:
        """The outputs by key."""
        (stack,) = CFN.describe_stacks(StackName=self.name)["Stacks"]
        return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}

    def delete(self) -> None:
        """Deletes it and waits."""
        CFN.delete_stack(StackName=self.name)
        CFN.get_waiter("stack_delete_complete").wait(
            StackName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})


class NamedQuery(unittest.TestCase):
    def template(self, sql: str) -> dict[str, Any]:
        return {
            "Resources": {"Query": {"Type": "AWS::Athena::NamedQuery", "Properties": {
                "Name": "latest", "Database": "lake", "QueryString": sql, "WorkGroup": "primary"}}},
            "Outputs": {"Ref": {"Value": {"Ref": "Query"}},
                        "Attribute": {"Value": {"Fn::GetAtt": ["Query", "NamedQueryId"]}}}}

    def test_it_is_made_changed_and_deleted_with_its_stack(self) -> None:
        athena = CLOUD.client("athena")
        stack = Stack(unique("queries"))
        stack.apply(self.template("SELECT 1"), "CREATE")
        first = stack.outputs()["Ref"]
        self.assertEqual(stack.outputs()["Attribute"], first)
        query = athena.get_named_query(NamedQueryId=first)["NamedQuery"]
        self.assertEqual(
            (query["Name"], query["Database"], query["QueryString"], query["WorkGroup"]),
            ("latest", "lake", "SELECT 1", "primary"))
        stack.apply(self.template("SELECT 2"), "UPDATE")
        second = stack.outputs()["Ref"]
        self.assertNotEqual(second, first)
        self.assertEqual(athena.get_named_query(NamedQueryId=second)["NamedQuery"]["QueryString"], "SELECT 2")
        stack.delete()
        self.assertEqual(athena.list_named_queries()["NamedQueryIds"], [])

    def test_a_query_without_text_fails_the_stack(self) -> None:
        template = self.template("SELECT 1")
        del template["Resources"]["Query"]["Properties"]["QueryString"]
        with self.assertRaisesRegex(AssertionError, "QueryString"):
            Stack(unique("queries")).apply(template, "CREATE")


class SecurityConfiguration(unittest.TestCase):
    def test_it_is_made_and_deleted_with_its_stack(self) -> None:
        glue = CLOUD.client("glue")
        name = unique("security")
        encryption = {"S3Encryptions": [{"S3EncryptionMode": "SSE-S3"}]}
        stack = Stack(unique("security"))
        stack.apply({
            "Resources": {"Security": {"Type": "AWS::Glue::SecurityConfiguration", "Properties": {
                "Name": name, "EncryptionConfiguration": encryption}}},
            "Outputs": {"Ref": {"Value": {"Ref": "Security"}}}}, "CREATE")
        self.assertEqual(stack.outputs()["Ref"], name)
        found = glue.get_security_configuration(Name=name)["SecurityConfiguration"]
        self.assertEqual(found["EncryptionConfiguration"]["S3Encryption"], encryption["S3Encryptions"])
        stack.delete()
        self.assertEqual(glue.get_security_configurations()["SecurityConfigurations"], [])


class Types(unittest.TestCase):
    def test_every_type_of_the_lake_is_known(self) -> None:
        for kind in LAKE_TYPES:
            with self.subTest(kind):
                CFN.create_change_set(
                    StackName=unique("known"), ChangeSetName="first", ChangeSetType="CREATE",
                    TemplateBody=json.dumps({"Resources": {"One": {"Type": kind, "Properties": {}}}}))


class Function(unittest.TestCase):
    TEMPLATE = {
        "Parameters": {"AssetBucket": {"Type": "String"}, "FunctionKey": {"Type": "String"},
                       "Word": {"Type": "String", "Default": "none"}},
        "Resources": {"Function": {"Type": "AWS::Lambda::Function", "Properties": {
            "FunctionName": {"Fn::Sub": "${AWS::StackName}-function"}, "Runtime": "provided.al2023",
            "Handler": "bootstrap", "Role": ROLE, "Timeout": 10, "Description": {"Ref": "Word"},
            "Code": {"S3Bucket": {"Ref": "AssetBucket"}, "S3Key": {"Ref": "FunctionKey"}}}}},
    }

    def answer(self, stack: Stack) -> str:
        response = CLOUD.client("lambda").invoke(FunctionName=f"{stack.name}-function")
        return str(json.loads(response["Payload"].read()))

    def test_a_new_key_brings_new_code_and_a_kept_one_keeps_it(self) -> None:
        s3 = CLOUD.client("s3")
        assets = unique("assets")
        s3.create_bucket(Bucket=assets, CreateBucketConfiguration={"LocationConstraint": REGION})
        for word in ("one", "two", "three"):
            s3.put_object(Bucket=assets, Key=f"{word}.zip", Body=function_zip(word))
        stack = Stack(unique("code"))
        bucket = {"ParameterKey": "AssetBucket", "ParameterValue": assets}
        stack.apply(self.TEMPLATE, "CREATE", [bucket, {"ParameterKey": "FunctionKey", "ParameterValue": "one.zip"}])
        self.assertEqual(self.answer(stack), "one")
        kept = {"ParameterKey": "AssetBucket", "UsePreviousValue": True}
        stack.apply(self.TEMPLATE, "UPDATE", [kept, {"ParameterKey": "FunctionKey", "ParameterValue": "two.zip"}])
        self.assertEqual(self.answer(stack), "two")
        stack.apply(self.TEMPLATE, "UPDATE", [
            kept, {"ParameterKey": "FunctionKey", "UsePreviousValue": True},
            {"ParameterKey": "Word", "ParameterValue": "changed"}])
        self.assertEqual(self.answer(stack), "two")
        stack.delete()
        stack.apply(self.TEMPLATE, "CREATE", [bucket, {"ParameterKey": "FunctionKey", "ParameterValue": "three.zip"}])
        self.assertEqual(self.answer(stack), "three")


class Pipeline(unittest.TestCase):
    def template(self, prefix: str) -> dict[str, Any]:
        processor = {"Type": "Lambda", "Parameters": [
            {"ParameterName": "LambdaArn", "ParameterValue": {"Fn::GetAtt": ["Function", "Arn"]}}]}
        return {"Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "${AWS::StackName}-data"}}},
            "Stream": {"Type": "AWS::Kinesis::Stream", "Properties": {
                "Name": {"Fn::Sub": "${AWS::StackName}-events"}, "ShardCount": 1}},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": {
                "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": ROLE, "Timeout": 10,
                "FunctionName": {"Fn::Sub": "${AWS::StackName}-transform"},
                "Environment": {"Variables": {"TRACE": str(CLOUD.trace)}},
                "Code": {"S3Bucket": self.assets, "S3Key": "transform.zip"}}},
            "Delivery": {"Type": "AWS::KinesisFirehose::DeliveryStream", "Properties": {
                "DeliveryStreamName": {"Fn::Sub": "${AWS::StackName}-events"},
                "DeliveryStreamType": "KinesisStreamAsSource",
                "KinesisStreamSourceConfiguration": {
                    "KinesisStreamARN": {"Fn::GetAtt": ["Stream", "Arn"]}, "RoleARN": ROLE},
                "ExtendedS3DestinationConfiguration": {
                    "BucketARN": {"Fn::GetAtt": ["Bucket", "Arn"]}, "RoleARN": ROLE, "Prefix": prefix,
                    "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
                    "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 300},
                    "ProcessingConfiguration": {"Enabled": True, "Processors": [processor]}}}}}}

    def setUp(self) -> None:
        self.assets = unique("assets")
        s3 = CLOUD.client("s3")
        s3.create_bucket(Bucket=self.assets, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket=self.assets, Key="transform.zip", Body=bootstrap_zip())

    def put(self, stack: Stack, data: bytes) -> None:
        CLOUD.client("kinesis").put_record(StreamName=f"{stack.name}-events", Data=data, PartitionKey="one")

    def test_a_stack_delivers_before_and_after_an_update_and_goes_without_a_trace(self) -> None:
        stack = Stack(unique("lake"))
        stack.apply(self.template("first/!{timestamp:yyyy}/"), "CREATE")
        self.put(stack, b"{}")
        CLOUD.flush()
        stack.apply(self.template("second/!{timestamp:yyyy}/"), "UPDATE")
        self.put(stack, b"{}")
        CLOUD.flush()
        keys = list(CLOUD.objects(f"{stack.name}-data"))
        self.assertEqual([key.split("/")[0] for key in keys], ["first", "second"])
        self.put(stack, b"{}")
        for key in keys:
            CLOUD.client("s3").delete_object(Bucket=f"{stack.name}-data", Key=key)
        stack.delete()
        self.assertNotIn(f"{stack.name}-events", CLOUD.client("kinesis").list_streams()["StreamNames"])
        self.assertNotIn(
            f"{stack.name}-events", CLOUD.client("firehose").list_delivery_streams()["DeliveryStreamNames"])
        self.assertNotIn(f"{stack.name}-events", CLOUD.counts())
        stack.apply(self.template("third/!{timestamp:yyyy}/"), "CREATE")
        self.put(stack, b"{}")
        until("the pipeline of the new stream", lambda: CLOUD.counts().get(f"{stack.name}-events"))
        CLOUD.flush()
        self.assertEqual(
            [key.split("/")[0] for key in CLOUD.objects(f"{stack.name}-data")], ["third"])
