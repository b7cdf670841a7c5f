"""A distribution in front of a private bucket, as a browser sees it."""

from __future__ import annotations

import json
import unittest
from typing import Any

from .cloud import Cloud, unique
from .upstream import Answer, ask


def template(bucket: str, principal: str = "cloudfront.amazonaws.com", source: Any = None) -> str:
    """A site; `source` is the distribution that the bucket's policy admits."""
    own = {"Fn::Sub": "arn:aws:cloudfront::${AWS::AccountId}:distribution/${Site}"}
    return json.dumps({"Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {
            "BucketName": bucket, "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True}}},
        "Access": {"Type": "AWS::CloudFront::OriginAccessControl", "Properties": {"OriginAccessControlConfig": {
            "Name": bucket, "OriginAccessControlOriginType": "s3", "SigningBehavior": "always",
            "SigningProtocol": "sigv4"}}},
        "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {
            "Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"Service": principal}, "Action": "s3:GetObject",
                "Resource": {"Fn::Sub": "${Bucket.Arn}/*"},
                "Condition": {"StringEquals": {"AWS:SourceArn": source or own}}}, {
                "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": {"Fn::Sub": "${Bucket.Arn}/*"},
                "Condition": {"Bool": {"aws:SecureTransport": False}}}]}}},
        "Headers": {"Type": "AWS::CloudFront::ResponseHeadersPolicy", "Properties": {
            "ResponseHeadersPolicyConfig": {"Name": bucket, "SecurityHeadersConfig": {
                "ContentSecurityPolicy": {"ContentSecurityPolicy": "default-src 'self'", "Override": True},
                "FrameOptions": {"FrameOption": "DENY", "Override": True}}}}},
        "Site": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {
            "Enabled": True, "DefaultRootObject": "index.html",
            "Origins": [{
                "Id": "bucket", "DomainName": {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]},
                "OriginAccessControlId": {"Fn::GetAtt": ["Access", "Id"]},
                "S3OriginConfig": {"OriginAccessIdentity": ""}}],
            "CustomErrorResponses": [
                {"ErrorCode": 403, "ResponseCode": 404, "ResponsePagePath": "/missing.html"}],
            "DefaultCacheBehavior": {
                "TargetOriginId": "bucket", "ViewerProtocolPolicy": "redirect-to-https",
                "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
                "ResponseHeadersPolicyId": {"Ref": "Headers"}}}}}},
        "Outputs": {"Domain": {"Value": {"Fn::GetAtt": ["Site", "DomainName"]}}}})


class Site(unittest.TestCase):
    def setUp(self) -> None:
        self.cloud = Cloud()
        self.addCleanup(self.cloud.discard)
        self.address = self.cloud.description["site"]

    def deploy(self, **policy: Any) -> tuple[str, str]:
        """Makes a site with two pages; returns its bucket and its domain."""
        bucket = unique("site")
        formation, s3 = self.cloud.client("cloudformation"), self.cloud.client("s3")
        formation.create_stack(StackName=bucket, TemplateBody=template(bucket, **policy))
        formation.get_waiter("stack_create_complete").wait(
            StackName=bucket, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
        s3.put_object(Bucket=bucket, Key="index.html", Body=b"<p>the guide</p>", ContentType="text/html; charset=utf-8",
                      CacheControl="no-cache")
        s3.put_object(Bucket=bucket, Key="missing.html", Body=b"<p>not here</p>", ContentType="text/html")
        s3.put_object(Bucket=bucket, Key="app/main.js", Body=b"export {}", ContentType="text/javascript")
        (stack,) = formation.describe_stacks(StackName=bucket)["Stacks"]
        return bucket, stack["Outputs"][0]["OutputValue"]

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        return ask(self.address + path, method, **headers)

    def test_pages_come_with_their_type_their_caching_and_the_policys_headers(self) -> None:
        self.deploy()
        for path, body, kind in (("/", b"<p>the guide</p>", "text/html; charset=utf-8"),
                                 ("/app/main.js", b"export {}", "text/javascript")):
            answer = self.get(path)
            self.assertEqual((answer.status, answer.content, answer.headers["Content-Type"]), (200, body, kind))
            self.assertEqual(answer.headers["Content-Security-Policy"], "default-src 'self'")
            self.assertEqual(answer.headers["X-Frame-Options"], "DENY")
        self.assertEqual(self.get("/index.html").headers["Cache-Control"], "no-cache")

    def test_a_head_request_and_a_condition_bring_no_body(self) -> None:
        self.deploy()
        head = self.get("/", "HEAD")
        self.assertEqual((head.status, head.content, head.headers["Content-Length"]), (200, b"", "16"))
        same = self.get("/", If_None_Match=head.headers["ETag"])
        self.assertEqual((same.status, same.content), (304, b""))
        self.assertEqual(self.get("/", If_None_Match='"another"').status, 200)

    def test_what_is_not_there_is_the_error_page(self) -> None:
        self.deploy()
        for path in ("/nothing", "/app/", "/app/..%2Findex.html"):
            answer = self.get(path)
            self.assertEqual((answer.status, answer.content), (404, b"<p>not here</p>"), path)

    def test_only_reading_is_allowed(self) -> None:
        bucket, _ = self.deploy()
        self.assertEqual(self.get("/index.html", "PUT").status, 403)
        self.assertEqual(len(self.cloud.objects(bucket)["index.html"]), 16)

    def test_a_policy_that_admits_somebody_else_shows(self) -> None:
        for policy in ({"principal": "apigateway.amazonaws.com"},
                       {"source": "arn:aws:cloudfront::000000000000:distribution/ANOTHER"}):
            with self.subTest(policy):
                bucket, domain = self.deploy(**policy)
                answer = self.get("/", Host=domain)
                self.assertEqual(answer.status, 403)
                self.assertNotIn(b"the guide", answer.content)

    def test_pictures_of_the_upstreams_have_the_origin_of_the_page(self) -> None:
        described = self.cloud.description
        title = ask(described["watchmode"] + "/title/3100001/details", X_API_Key=described["watchmode_key"]).json
        show = ask(described["tvmaze"] + "/shows/90001").json
        for address in (title["poster"], show["image"]["original"]):
            self.assertTrue(address.startswith(self.address + "/"), address)
            self.assertEqual(ask(address).headers["Content-Type"], "image/svg+xml")
        self.deploy()
        self.assertEqual(self.get("/_pictures/nothing").status, 404)

    def test_without_a_name_it_is_the_sole_distribution(self) -> None:
        self.assertEqual(self.get("/").status, 404)
        _, first = self.deploy()
        self.assertEqual(self.get("/").status, 200)
        _, second = self.deploy()
        refused = self.get("/")
        self.assertEqual(refused.status, 404)
        for domain in (first, second):
            self.assertIn(domain, refused.content.decode())
            self.assertEqual(self.get("/", Host=domain).content, b"<p>the guide</p>")

    def test_the_services_do_not_answer_there(self) -> None:
        bucket, _ = self.deploy()
        for path in (f"/{bucket}/index.html", "/_ministack/health", "/_headend/firehose"):
            self.assertEqual(self.get(path).content, b"<p>not here</p>", path)
