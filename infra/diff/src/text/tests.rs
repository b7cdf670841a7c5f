use super::{Ink, write};
use crate::cost::{Cost, Tariff};
use crate::diff::Diff;
use crate::markdown;
use crate::template::{Template, yaml};
use infra_price::{Load, Region};

/// Something of everything.
fn templates() -> (Template, Template) {
    let before = yaml(
        "
Parameters: {Key: {Type: String}}
Resources:
  Stream: {Type: 'AWS::Kinesis::Stream', Properties: {Name: events, ShardCount: 1}}
  Role: {Type: 'AWS::IAM::Role', Properties: {Policies: [{PolicyName: P, PolicyDocument: {Statement: [
    {Effect: Allow, Action: ['s3:GetObject', 's3:PutObject'], Resource: !Sub '${Bucket.Arn}/*'}]}}]}}
  Web: {Type: 'AWS::EC2::SecurityGroup', Properties: {GroupDescription: web}}
  Old: {Type: 'AWS::SNS::Topic'}",
    );
    let after = yaml(
        "
Resources:
  Stream: {Type: 'AWS::Kinesis::Stream', Properties: {Name: clicks|all, ShardCount: 1}}
  Role: {Type: 'AWS::IAM::Role', Properties: {Policies: [{PolicyName: P, PolicyDocument: {Statement: [
    {Effect: Allow, Action: 's3:GetObject', Resource: !Sub '${Bucket.Arn}/*'}]}}]}}
  Web: {Type: 'AWS::EC2::SecurityGroup', Properties: {GroupDescription: web, SecurityGroupIngress: [
    {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}]}}
  New: {Type: 'AWS::SQS::Queue'}",
    );
    (before, after)
}

const TEXT: &str = "\
lake: 1 removed, 1 replaced, 2 updated, 1 added
  DATA LOSS: Stream (AWS::Kinesis::Stream) is replaced, and its data is lost

-/+  Stream (AWS::Kinesis::Stream) replaced, and its data is lost
       Name: events -> clicks|all  (replaces)
-    Old (AWS::SNS::Topic) removed
~    Role (AWS::IAM::Role) updated
       Policies[PolicyName=P].PolicyDocument.Statement[0].Action: [s3:GetObject, s3:PutObject] -> s3:GetObject
~    Web (AWS::EC2::SecurityGroup) updated
       SecurityGroupIngress: + [{CidrIp: 0.0.0.0/0, FromPort: 443, IpProtocol: tcp, ToPort: 443}]
+    New (AWS::SQS::Queue) added

IAM statements
   EFFECT  PRINCIPAL  ACTION        RESOURCE              CONDITION  IN
+  Allow   Role       s3:GetObject  !Sub ${Bucket.Arn}/*             Role
-  Allow   Role       s3:GetObject  !Sub ${Bucket.Arn}/*             Role
                      s3:PutObject

Security-group rules
   GROUP     DIRECTION  PROTOCOL  PORTS  PEER
+  !Ref Web  ingress    tcp       443    0.0.0.0/0

Parameters
  Key: - {Type: String}
";

const MARKDOWN: &str = "\
### lake: 1 removed, 1 replaced, 2 updated, 1 added

> **Data loss:** `Stream` (AWS::Kinesis::Stream) is replaced, and its data is lost.

| Resource | Type | Change |
|---|---|---|
| `Stream` | AWS::Kinesis::Stream | replaced, and its data is lost |
| `Old` | AWS::SNS::Topic | removed |
| `Role` | AWS::IAM::Role | updated |
| `Web` | AWS::EC2::SecurityGroup | updated |
| `New` | AWS::SQS::Queue | added |

<details><summary>Stream</summary>

| Where | Before | After | |
|---|---|---|---|
| `Name` | `events` | `clicks\\|all` | replaces |

</details>

<details><summary>Role</summary>

| Where | Before | After | |
|---|---|---|---|
| `Policies[PolicyName=P].PolicyDocument.Statement[0].Action` | `[s3:GetObject, s3:PutObject]` | `s3:GetObject` |  |

</details>

<details><summary>Web</summary>

| Where | Before | After | |
|---|---|---|---|
| `SecurityGroupIngress` |  | `[{CidrIp: 0.0.0.0/0, FromPort: 443, IpProtocol: tcp, ToPort: 443}]` |  |

</details>

**IAM statements**

| | effect | principal | action | resource | condition | in |
|---|---|---|---|---|---|---|
| **+** | `Allow` | `Role` | `s3:GetObject` | `!Sub ${Bucket.Arn}/*` |  | `Role` |
| - | `Allow` | `Role` | `s3:GetObject`<br>`s3:PutObject` | `!Sub ${Bucket.Arn}/*` |  | `Role` |

**Security-group rules**

| | group | direction | protocol | ports | peer |
|---|---|---|---|---|---|
| **+** | `!Ref Web` | `ingress` | `tcp` | `443` | `0.0.0.0/0` |

<details><summary>Parameters</summary>

| Where | Before | After | |
|---|---|---|---|
| `Key` | `{Type: String}` |  |  |

</details>
";

#[test]
fn a_terminal_and_a_pull_request_say_the_same() {
    let (before, after) = templates();
    let diff = Diff::between("lake", &before, &after, &[]);
    assert_eq!(write(&diff, Ink::Plain), TEXT);
    assert_eq!(markdown::write(&diff), MARKDOWN);
}

#[test]
fn colours_add_nothing_but_themselves() {
    let (before, after) = templates();
    let coloured = write(&Diff::between("lake", &before, &after, &[]), Ink::Colour);
    assert!(coloured.contains("\x1b[31m-/+  Stream"), "{coloured}");
    let mut plain = coloured;
    for code in ["\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[33m"] {
        plain = plain.replace(code, "");
    }
    assert_eq!(plain, TEXT);
}

#[test]
fn no_change_is_one_line() {
    let (before, _) = templates();
    let diff = Diff::between("lake", &before, &before, &[]);
    assert_eq!(write(&diff, Ink::Plain), "lake: no changes\n");
    assert_eq!(markdown::write(&diff), "### lake: no changes\n");
}

#[test]
fn colour_is_for_terminals_whose_owner_wants_it() {
    let choose = |is_terminal, no_color: Option<&str>| Ink::choose(is_terminal, no_color.map(AsRef::as_ref));
    assert_eq!(choose(true, None), Ink::Colour);
    assert_eq!(choose(true, Some("")), Ink::Colour);
    assert_eq!(choose(true, Some("1")), Ink::Plain);
    assert_eq!(choose(false, None), Ink::Plain);
}

#[test]
fn the_cost_is_told_where_it_was_asked_for() {
    let stream = |shards: u8| {
        let mode = "StreamModeDetails: {StreamMode: PROVISIONED}";
        yaml(&format!(
            "Resources: {{Stream: {{Type: 'AWS::Kinesis::Stream', Properties: {{ShardCount: {shards}, {mode}}}}}}}"
        ))
    };
    let (before, after) = (stream(1), stream(2));
    let tariff = Tariff {
        load: Load {
            hours_per_month: 730,
            ..Load::default()
        },
        region: Region::UsEast1,
    };
    let diff = Diff {
        cost: Some(Cost::between(&before, &after, &[], &tariff)),
        ..Diff::between("lake", &before, &after, &[])
    };
    let same = Diff {
        cost: diff.cost.clone(),
        ..Diff::between("lake", &before, &before, &[])
    };
    assert_eq!(write(&same, Ink::Plain), "lake: no changes\n");
    let text = write(&diff, Ink::Plain);
    let told = "\n\nCost: +$10.95 a month ($10.95 -> $21.90)\n  Stream: $10.95 -> $21.90\n";
    assert!(text.ends_with(told), "{text}");
    let markdown = markdown::write(&diff);
    let told = "\n**Cost:** +$10.95 a month ($10.95 -> $21.90)\n\n- `Stream`: $10.95 -> $21.90\n";
    assert!(markdown.ends_with(told), "{markdown}");
    let json = serde_json::json!(diff);
    assert_eq!(
        json["cost"],
        serde_json::json!({
            "before": "10.950000",
            "after": "21.900000",
            "changes": [{"id": "Stream", "before": "10.950000", "after": "21.900000"}],
        })
    );
}
