"""What a page needs of the cloud: an API at an address that a browser can open, and a sign-in."""

from __future__ import annotations

import base64
import json
import sys
import unittest
from typing import Any

from .cloud import ROLE, Cloud, packed, unique
from .upstream import Answer, ask

ORIGIN = "http://127.0.0.1:8765"
PASSWORD = "Correct-horse-7"

# Answers with the path, the method and the claims that the gateway verified.
ECHO = '''
import json, os, urllib.request
RUNTIME = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
while True:
    with urllib.request.urlopen(f"{RUNTIME}/next") as invocation:
        request_id, event = invocation.headers["Lambda-Runtime-Aws-Request-Id"], json.loads(invocation.read())
    context = event["requestContext"]
    body = json.dumps({
        "path": event["rawPath"], "method": context["http"]["method"], "stage": context["stage"],
        "claims": context.get("authorizer", {}).get("jwt", {}).get("claims", {})})
    answer = {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": body}
    urllib.request.urlopen(urllib.request.Request(
        f"{RUNTIME}/{request_id}/response", data=json.dumps(answer).encode(), method="POST"))
'''


def template(function: str) -> str:
    """A pool with two clients, and an API with a private route that takes tokens of one of them."""
    def client(name: str) -> dict[str, Any]:
        return {"Type": "AWS::Cognito::UserPoolClient", "Properties": {
            "ClientName": name, "UserPoolId": {"Ref": "Pool"}, "GenerateSecret": False,
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}}

    def route(key: str, **more: Any) -> dict[str, Any]:
        return {"Type": "AWS::ApiGatewayV2::Route", "Properties": {
            "ApiId": {"Ref": "Api"}, "RouteKey": key, "Target": {"Fn::Sub": "integrations/${Integration}"}, **more}}

    return json.dumps({"Resources": {
        "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": function}},
        "OtherPool": {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": function + "-other"}},
        "Client": client("site"), "Stranger": client("other"),
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {
            "Name": function, "ProtocolType": "HTTP", "CorsConfiguration": {
                "AllowOrigins": [ORIGIN], "AllowMethods": ["GET", "PUT"], "MaxAge": 60,
                "AllowHeaders": ["authorization", "content-type"], "ExposeHeaders": ["etag"]}}},
        "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {
            "ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True}},
        "Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {
            "ApiId": {"Ref": "Api"}, "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0",
            "IntegrationUri": {"Fn::Sub": f"arn:aws:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{function}"}}},
        "Authorizer": {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": {
            "ApiId": {"Ref": "Api"}, "AuthorizerType": "JWT", "Name": "tokens",
            "IdentitySource": ["$request.header.Authorization"], "JwtConfiguration": {
                "Audience": [{"Ref": "Client"}],
                "Issuer": {"Fn::Sub": "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${Pool}"}}}},
        "Public": route("GET /guide"),
        "Private": route("PUT /favourites/{kind}/{id}", AuthorizationType="JWT", AuthorizerId={"Ref": "Authorizer"}),
        "Default": route("$default"),
    }, "Outputs": {
        "Url": {"Value": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}}, "Pool": {"Value": {"Ref": "Pool"}},
        "Client": {"Value": {"Ref": "Client"}}, "Stranger": {"Value": {"Ref": "Stranger"}},
    }})


class HttpApi(unittest.TestCase):
    cloud: Cloud

    @classmethod
    def setUpClass(cls) -> None:
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.discard)
        name = unique("api")
        cls.cloud.client("lambda").create_function(
            FunctionName=name, Runtime="provided.al2023", Handler="bootstrap", Role=ROLE, Timeout=10,
            Code={"ZipFile": packed(f"#!{sys.executable}\n{ECHO}")})
        formation = cls.cloud.client("cloudformation")
        formation.create_stack(StackName=name, TemplateBody=template(name))
        formation.get_waiter("stack_create_complete").wait(
            StackName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
        (stack,) = formation.describe_stacks(StackName=name)["Stacks"]
        cls.outputs = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
        cls.url = cls.outputs["Url"]
        cognito = cls.cloud.client("cognito-idp")
        cognito.admin_create_user(UserPoolId=cls.outputs["Pool"], Username="kit", MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=cls.outputs["Pool"], Username="kit", Password=PASSWORD, Permanent=True)

    def sign_in(self, client: str = "Client", password: str = PASSWORD) -> Answer:
        """What a page does: a POST of its own to Cognito, with the header that names the operation."""
        return ask(self.cloud.endpoint + "/", "POST", {
            "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": self.outputs[client],
            "AuthParameters": {"USERNAME": "kit", "PASSWORD": password},
        }, Origin=ORIGIN, Content_Type="application/x-amz-json-1.1",
            X_Amz_Target="AWSCognitoIdentityProviderService.InitiateAuth")

    def token(self, client: str = "Client", kind: str = "AccessToken") -> str:
        return str(self.sign_in(client).json["AuthenticationResult"][kind])

    def private(self, token: str | None) -> Answer:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return ask(f"{self.url}/favourites/show/90001", "PUT", {}, **headers)

    def preflight(self, origin: str) -> Answer:
        return ask(f"{self.url}/favourites/show/1", "OPTIONS", Origin=origin, Access_Control_Request_Method="PUT",
                   Access_Control_Request_Headers="authorization")

    def test_the_address_is_one_that_every_client_can_open(self) -> None:
        self.assertTrue(self.url.startswith(f"{self.cloud.endpoint}/"), self.url)
        for path in ("/guide", "/guide?limit=2", "/no/such", "/"):
            with self.subTest(path):
                answer = ask(self.url + path).json
                self.assertEqual((answer["path"], answer["stage"]), (path.partition("?")[0], "$default"))
        (api,) = self.cloud.client("apigatewayv2").get_apis()["Items"]
        self.assertEqual(api["ApiEndpoint"], self.url)

    def test_an_update_keeps_the_address_and_changes_the_rest(self) -> None:
        formation = self.cloud.client("cloudformation")
        (stack,) = formation.describe_stacks()["Stacks"]
        changed = formation.get_template(StackName=stack["StackName"])["TemplateBody"]
        text = changed if isinstance(changed, str) else json.dumps(changed)
        formation.update_stack(StackName=stack["StackName"], TemplateBody=text.replace('"MaxAge": 60', '"MaxAge": 61'))
        formation.get_waiter("stack_update_complete").wait(
            StackName=stack["StackName"], WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
        (after,) = formation.describe_stacks()["Stacks"]
        self.assertIn(self.url, [item["OutputValue"] for item in after["Outputs"]])
        self.assertEqual(ask(self.url + "/guide").status, 200)
        self.assertEqual(self.preflight(ORIGIN).headers["Access-Control-Max-Age"], "61")

    def test_a_token_of_the_pool_and_the_client_is_taken(self) -> None:
        for kind in ("AccessToken", "IdToken"):
            claims = self.private(self.token(kind=kind)).json["claims"]
            self.assertEqual(claims["iss"], f"https://cognito-idp.eu-west-2.amazonaws.com/{self.outputs['Pool']}")

    def test_any_other_token_is_refused(self) -> None:
        header, claims, signature = self.token().split(".")
        none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
        for name, token in (
            ("none", None), ("another client", self.token("Stranger")), ("garbage", "a.b.c"),
            ("no signature", f"{none}.{claims}."), ("another signature", f"{header}.{claims}.{signature[:-4]}AAAA"),
        ):
            with self.subTest(name):
                answer = self.private(token)
                self.assertEqual((answer.status, answer.json), (401, {"message": "Unauthorized"}))

    def test_the_preflight_of_a_page_is_answered_for_its_origin_alone(self) -> None:
        allowed = self.preflight(ORIGIN)
        self.assertEqual(allowed.status, 204)
        self.assertEqual(allowed.headers["Access-Control-Allow-Origin"], ORIGIN)
        self.assertIn("authorization", allowed.headers["Access-Control-Allow-Headers"])
        self.assertIn("PUT", allowed.headers["Access-Control-Allow-Methods"])
        for origin in ("null", "http://127.0.0.1:8765.example", "https://evil.example"):
            self.assertNotIn("Access-Control-Allow-Origin", self.preflight(origin).headers)
        self.assertEqual(ask(self.url + "/guide", Origin=ORIGIN).headers["Access-Control-Allow-Origin"], ORIGIN)

    def test_a_page_can_sign_in(self) -> None:
        preflight = ask(self.cloud.endpoint + "/", "OPTIONS", Origin=ORIGIN, Access_Control_Request_Method="POST",
                        Access_Control_Request_Headers="content-type,x-amz-target")
        self.assertEqual(preflight.status // 100, 2)
        self.assertIn(preflight.headers["Access-Control-Allow-Origin"], ("*", ORIGIN))
        answer = self.sign_in()
        self.assertIn(answer.headers["Access-Control-Allow-Origin"], ("*", ORIGIN))
        self.assertIn("RefreshToken", answer.json["AuthenticationResult"])
        refused = self.sign_in(password="wrong")
        self.assertEqual(refused.status, 400)
        self.assertEqual(refused.headers["Access-Control-Allow-Origin"], "*")
        self.assertTrue(refused.json["__type"].endswith("NotAuthorizedException"))
