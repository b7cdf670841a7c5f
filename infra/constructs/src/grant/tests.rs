use contract_kit::{Grant, On, operation};
use infra_core::policy::Document;
use infra_core::{Arn, Name, ToNode, Value, json};
use infra_resources::{dynamodb, glue, iam, kms, lambda, s3};

use super::Scope;

contract_kit::needs! { ListNeeds { list: operation::dynamodb::Everywhere [LIST_STREAMS] } }
contract_kit::needs! { TableNeeds { log_in: operation::dynamodb::Table [GET_ITEM, QUERY] } }
contract_kit::needs! { ItemNeeds { own: operation::dynamodb::Item [GET_ITEM, QUERY] } }
contract_kit::needs! { IndexedNeeds { indexed: operation::dynamodb::Item [QUERY] } }
contract_kit::needs! { AssumeNeeds { user: operation::sts::Role [ASSUME_ROLE] } }
contract_kit::needs! { IndexNeeds { index: operation::dynamodb::Index [QUERY] } }
contract_kit::needs! { ObjectNeeds { rows: operation::s3::Object [PUT_OBJECT] } }
contract_kit::needs! { BucketNeeds { list: operation::s3::Listing [LIST_BUCKET] } }
contract_kit::needs! { FunctionNeeds { call: operation::lambda::Function [INVOKE_FUNCTION] } }
contract_kit::needs! { KeyNeeds { open: operation::kms::Key [DECRYPT] } }
contract_kit::needs! { RoleNeeds { role: operation::iam::PassedRole [PASS_ROLE] } }
contract_kit::needs! { GlueNeeds { table: operation::glue::Table [GET_TABLE] } }
contract_kit::needs! { AskNeeds { ask: operation::athena::WorkGroup [START_QUERY_EXECUTION] } }
contract_kit::needs! { UserNeeds { user: operation::rds_db::DbUser [CONNECT] } }
contract_kit::needs! { StreamNeeds { log: operation::logs::LogStream [PUT_LOG_EVENTS] } }

fn table() -> Value<Arn<dynamodb::Table>> {
    Arn::new("arn:table").into()
}

fn bucket() -> Value<Arn<s3::Bucket>> {
    Arn::new("arn:bucket").into()
}

/// Compares the one statement with JSON written by hand.
#[track_caller]
fn check(grants: Vec<Grant<Scope>>, expected: &str) {
    let document = Document::new(super::statements(grants)).to_node();
    let expected: String = expected.lines().map(str::trim).collect();
    let whole = format!(r#"{{"Version":"2012-10-17","Statement":[{expected}]}}"#);
    assert_eq!(json::to_string(&document), whole);
}

#[test]
fn a_call_is_allowed_on_the_one_resource() {
    let log_in = super::on(table());
    check(
        TableNeeds { log_in }.grants(),
        r#"{"Sid":"LogIn","Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query"],"Resource":"arn:table"}"#,
    );
}

#[test]
fn a_call_without_resources_is_bound_to_the_region() {
    let list = super::in_region();
    check(
        ListNeeds { list }.grants(),
        r#"{"Sid":"List","Effect":"Allow","Action":"dynamodb:ListStreams","Resource":"*",
            "Condition":{"StringEquals":{"aws:RequestedRegion":{"Ref":"AWS::Region"}}}}"#,
    );
}

#[test]
fn objects_and_listings_end_at_their_prefix() {
    let rows = super::objects(&bucket(), &["raw/", "errors/"]);
    check(
        ObjectNeeds { rows }.grants(),
        r#"{"Sid":"Rows","Effect":"Allow","Action":"s3:PutObject","Resource":["arn:bucket/raw/*","arn:bucket/errors/*"]}"#,
    );
    let list = super::listing(bucket(), &["raw/"]);
    check(
        BucketNeeds { list }.grants(),
        r#"{"Sid":"List","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:bucket",
            "Condition":{"StringLike":{"s3:prefix":"raw/*"}}}"#,
    );
}

#[test]
fn items_are_bound_to_their_keys_even_where_none_are_named() {
    let own = super::items(table(), &["user:*", "source*"]);
    check(
        ItemNeeds { own }.grants(),
        r#"{"Sid":"Own","Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query"],"Resource":"arn:table",
            "Condition":{"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["user:*","source*"]},
            "Null":{"dynamodb:LeadingKeys":false}}}"#,
    );
}

#[test]
fn items_of_an_index_are_bound_to_their_keys_there() {
    let indexed = super::indexed_items(&table(), &["by-day", "by-shop"], &["day:*"]);
    check(
        IndexedNeeds { indexed }.grants(),
        r#"{"Sid":"Indexed","Effect":"Allow","Action":"dynamodb:Query",
            "Resource":["arn:table/index/by-day","arn:table/index/by-shop"],
            "Condition":{"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["day:*"]},
            "Null":{"dynamodb:LeadingKeys":false}}}"#,
    );
}

#[test]
fn a_variable_of_the_policy_stays_one() {
    let own = super::items_of(table(), "user:${aws:PrincipalTag/user}");
    check(
        ItemNeeds { own }.grants(),
        r#"{"Sid":"Own","Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query"],"Resource":"arn:table",
            "Condition":{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["user:${aws:PrincipalTag/user}"]},
            "Null":{"dynamodb:LeadingKeys":false}}}"#,
    );
}

#[test]
fn a_role_is_taken_on_by_its_arn() {
    let role: Value<Arn<iam::Role>> = Arn::new("arn:role").into();
    check(
        AssumeNeeds { user: super::on(role) }.grants(),
        r#"{"Sid":"User","Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:role"}"#,
    );
}

#[test]
fn parts_of_a_resource_have_arns_of_their_own() {
    let index = super::index(table(), "by-day");
    check(
        IndexNeeds { index }.grants(),
        r#"{"Sid":"Index","Effect":"Allow","Action":"dynamodb:Query","Resource":"arn:table/index/by-day"}"#,
    );
    let function: Value<Arn<lambda::Function>> = Arn::new("arn:function").into();
    let call = super::versions(function);
    check(
        FunctionNeeds { call }.grants(),
        r#"{"Sid":"Call","Effect":"Allow","Action":"lambda:InvokeFunction","Resource":["arn:function","arn:function:*"]}"#,
    );
}

#[test]
fn keys_and_roles_are_for_one_service() {
    let key: Value<Arn<kms::Key>> = Arn::new("arn:key").into();
    let open = super::through(key, "s3");
    check(
        KeyNeeds { open }.grants(),
        r#"{"Sid":"Open","Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:key",
            "Condition":{"StringEquals":{"kms:ViaService":{"Fn::Sub":"s3.${AWS::Region}.amazonaws.com"}}}}"#,
    );
    let role: Value<Arn<iam::Role>> = Arn::new("arn:role").into();
    let role = super::passed_to(role, "mediaconvert.amazonaws.com");
    check(
        RoleNeeds { role }.grants(),
        r#"{"Sid":"Role","Effect":"Allow","Action":"iam:PassRole","Resource":"arn:role",
            "Condition":{"StringEquals":{"iam:PassedToService":"mediaconvert.amazonaws.com"}}}"#,
    );
}

#[test]
fn what_has_no_attribute_is_spelled_out() {
    const HERE: &str = "${AWS::Region}:${AWS::AccountId}";
    let database: Value<Name<glue::Database>> = Name::new("lake").into();
    let table = super::table(&database, "events");
    let arn = |rest: &str| format!(r#"{{"Fn::Sub":"arn:${{AWS::Partition}}:glue:{HERE}:{rest}"}}"#);
    let resources = [arn("catalog"), arn("database/lake"), arn("table/lake/events")].join(",");
    check(
        GlueNeeds { table }.grants(),
        &format!(r#"{{"Sid":"Table","Effect":"Allow","Action":"glue:GetTable","Resource":[{resources}]}}"#),
    );
    let ask = super::workgroup(&Name::new("hours").into());
    check(
        AskNeeds { ask }.grants(),
        &format!(
            r#"{{"Sid":"Ask","Effect":"Allow","Action":"athena:StartQueryExecution",
            "Resource":{{"Fn::Sub":"arn:${{AWS::Partition}}:athena:{HERE}:workgroup/hours"}}}}"#
        ),
    );
    let user = super::database_user(&"cluster-1".into(), "movies_ro");
    check(
        UserNeeds { user }.grants(),
        &format!(
            r#"{{"Sid":"User","Effect":"Allow","Action":"rds-db:connect",
            "Resource":{{"Fn::Sub":"arn:${{AWS::Partition}}:rds-db:{HERE}:dbuser:cluster-1/movies_ro"}}}}"#
        ),
    );
    let log = super::log_streams("/aws/lambda/x");
    check(
        StreamNeeds { log }.grants(),
        &format!(
            r#"{{"Sid":"Log","Effect":"Allow","Action":"logs:PutLogEvents",
            "Resource":{{"Fn::Sub":"arn:${{AWS::Partition}}:logs:{HERE}:log-group:/aws/lambda/x:*"}}}}"#
        ),
    );
}

#[test]
fn one_scope_is_one_statement() {
    let read: On<_, Scope> = super::on(table());
    let grants = TableNeeds { log_in: read }.grants();
    let again = TableNeeds {
        log_in: super::on(table()),
    }
    .grants();
    check(
        grants.into_iter().chain(again).collect(),
        r#"{"Sid":"LogIn","Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query"],"Resource":"arn:table"}"#,
    );
}

#[test]
fn no_two_statements_have_one_id() {
    let other: Value<Arn<dynamodb::Table>> = Arn::new("arn:other").into();
    let grants = TableNeeds {
        log_in: super::on(table()),
    }
    .grants();
    let again = TableNeeds {
        log_in: super::on(other),
    }
    .grants();
    check(
        grants.into_iter().chain(again).collect(),
        r#"{"Sid":"LogIn","Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query"],"Resource":"arn:table"},
           {"Sid":"LogIn2","Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query"],"Resource":"arn:other"}"#,
    );
}
