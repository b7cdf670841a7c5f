//! The language, seen from the caller's side, with two resource types of its own.

use infra_core::condition::Test;
use infra_core::policy::{Document, Principal, Statement};
use infra_core::{
    AnyArn, Arn, Asset, Facts, Handle, LogicalId, Name, Node, Parameter, Properties, Resource, Template, ToNode, Value,
    Waiver, action, concat_values, pseudo,
};

struct Bucket {
    name: Option<Value<String>>,
}

struct BucketAttributes(LogicalId);

impl From<LogicalId> for BucketAttributes {
    fn from(id: LogicalId) -> Self {
        BucketAttributes(id)
    }
}

impl BucketAttributes {
    fn arn(&self) -> Value<Arn<Bucket>> {
        self.0.attribute("Arn")
    }
}

impl Resource for Bucket {
    const TYPE: &'static str = "AWS::S3::Bucket";
    type Attributes = BucketAttributes;
    type Ref = Name<Bucket>;

    fn facts() -> &'static Facts {
        static FACTS: Facts = Facts {
            stateful: true,
            ..Facts::new("AWS::S3::Bucket")
        };
        &FACTS
    }

    fn into_properties(self) -> Node {
        Properties::new().set_opt("BucketName", self.name).into_node()
    }
}

fn bucket(template: &mut Template, id: &str) -> Handle<Bucket> {
    template.add(id, Bucket { name: None })
}

#[test]
fn a_template_reads_as_it_was_built() {
    let mut template = Template::new("Two buckets");
    let key: Value<String> = template.parameter(
        &Asset::of("lake-transform").parameter,
        Parameter {
            description: "Code of lake-transform",
            ..Parameter::default()
        },
    );
    let large = template.condition("Large", !Test::equals(key, "x"));
    let first = bucket(&mut template, "First");
    let second = template.add(
        "Second",
        Bucket {
            name: Some(concat_values!["copy-of-", first.reference()]),
        },
    );
    template
        .options(&second)
        .delete()
        .depends_on(&first)
        .only_if(&large)
        .waive([Waiver::new(
            &["CKV_AWS_18"],
            "platform",
            "the log target cannot log to itself",
        )]);
    template.output("Arn", "Where objects are", first.arn().text());
    assert_eq!(template.check(), Ok(()));
    assert_eq!(
        template.to_yaml(),
        r#"AWSTemplateFormatVersion: "2010-09-09"
Description: Two buckets
Parameters:
  LakeTransformKey:
    Type: String
    Description: Code of lake-transform
Conditions:
  Large: !Not
    - !Equals
      - !Ref LakeTransformKey
      - x
Resources:
  First:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
  Second:
    Type: AWS::S3::Bucket
    Condition: Large
    DependsOn:
      - First
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Metadata:
      checkov:
        skip:
          - id: CKV_AWS_18
            comment: the log target cannot log to itself
    Properties:
      BucketName: !Sub "copy-of-${First}"
Outputs:
  Arn:
    Description: Where objects are
    Value: !GetAtt First.Arn
"#
    );
    assert_eq!(template.raw_values(), 0);
}

#[test]
fn texts_fold_when_they_are_literal() {
    let literal: Value<String> = concat_values!["a", "b", "${c}"];
    assert_eq!(literal.node(), &Node::Text("ab${c}".into()));
    let mixed: Value<String> = concat_values![
        "${literal}-",
        pseudo::region(),
        concat_values!["/", pseudo::account_id()] as Value<String>
    ];
    assert_eq!(
        format!("{mixed:?}"),
        r#"{"Fn::Sub":"${!literal}-${AWS::Region}/${AWS::AccountId}"}"#
    );
}

#[test]
fn one_reference_alone_stays_a_reference() {
    let region: Value<String> = concat_values![pseudo::region()];
    assert_eq!(region, pseudo::region());
}

#[test]
fn faults_name_the_line_that_made_them() {
    let mut other = Template::new("other");
    let stranger = bucket(&mut other, "Stranger");
    let mut template = Template::new("faulty");
    bucket(&mut template, "Same");
    let line = line!() + 1;
    template.add(
        "Same",
        Bucket {
            name: Some(concat_values!["x", stranger.reference()]),
        },
    );
    bucket(&mut template, "not-an-id");
    let faults: Vec<String> = template.check().unwrap_err().iter().map(ToString::to_string).collect();
    let file = file!();
    assert_eq!(faults[0], format!("{file}:{line}: logical id `Same` is taken"));
    assert!(
        faults[1].ends_with("logical id `not-an-id` must be 1 to 255 letters and digits"),
        "{faults:?}"
    );
    assert_eq!(
        faults[2],
        format!("{file}:{line}: Same refers to `Stranger`, which is not in this template")
    );
}

#[test]
fn a_move_is_kept_beside_the_template() {
    let mut template = Template::new("Moves");
    let data = bucket(&mut template, "Data");
    let before = template.to_yaml();
    template.moved("Old", &data);
    assert_eq!(template.to_yaml(), before);
    assert_eq!(template.moves().collect::<Vec<_>>(), [("Old", "Data")]);
    template.check().unwrap();

    template.moved("Data", &data);
    let faults = template.check().unwrap_err();
    assert_eq!(faults.len(), 1);
    assert!(
        faults[0]
            .to_string()
            .ends_with("Data cannot have been `Data`, which is still in this template"),
        "{}",
        faults[0]
    );
}

#[test]
fn policies_spell_what_iam_reads() {
    let arn: Value<AnyArn> = Value::<Arn<Bucket>>::from(Arn::new("arn:aws:s3:::b")).path("/raw/*");
    let document = Document::new([
        Statement::allow("Write", [action!("s3:PutObject"), action!("s3:GetObject")])
            .on([arn.clone()])
            .when("StringEquals", "aws:SourceAccount", pseudo::account_id())
            .when("StringEquals", "aws:RequestedRegion", pseudo::region()),
        Statement::deny_all("TlsOnly", "s3")
            .to(Principal::Everybody)
            .on([arn])
            .when("Bool", "aws:SecureTransport", Value::from(false)),
    ]);
    assert_eq!(
        infra_core::json::to_string(&document.to_node()),
        concat!(
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"Write","Effect":"Allow","#,
            r#""Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::b/raw/*","#,
            r#""Condition":{"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"},"aws:RequestedRegion":{"Ref":"AWS::Region"}}}},"#,
            r#"{"Sid":"TlsOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/raw/*","#,
            r#""Condition":{"Bool":{"aws:SecureTransport":false}}}]}"#
        )
    );
}

#[test]
fn exports_are_read_with_their_type() {
    let mut producer = Template::new("producer");
    let bucket = bucket(&mut producer, "Data");
    let export = producer.export("DataArn", "The data", bucket.arn(), "shared-data".into());
    let imported: Value<Arn<Bucket>> = export.import();
    assert_eq!(format!("{imported:?}"), r#"{"Fn::ImportValue":"shared-data"}"#);
    assert!(producer.to_yaml().contains("    Export:\n      Name: shared-data\n"));
}

#[test]
fn an_output_of_another_stack_comes_in_by_a_parameter() {
    let mut producer = Template::new("Producer");
    let data = bucket(&mut producer, "Data");
    let shared = producer.share("lake", "DataArn", "The bucket", data.arn());

    let mut consumer = Template::new("Consumer");
    let arn: Value<Arn<Bucket>> = consumer.read("DataArn", &shared);
    consumer.output::<Arn<Bucket>>("Seen", "What came in", arn);
    assert!(
        consumer
            .to_json()
            .contains(r#""Seen":{"Description":"What came in","Value":{"Ref":"DataArn"}}"#)
    );
    let inputs: Vec<_> = consumer
        .inputs()
        .iter()
        .map(|input| [&input.parameter, &input.stack, &input.output])
        .collect();
    assert_eq!(inputs, [["DataArn", "lake", "DataArn"]]);
    assert!(producer.exports().next().is_none(), "nothing is locked");
}

#[test]
fn exports_and_imports_of_a_template_are_known() {
    let mut producer = Template::new("Producer");
    let data = bucket(&mut producer, "Data");
    let export = producer.export("DataArn", "The bucket", data.arn(), Value::from("lake-data"));
    let mut consumer = Template::new("Consumer");
    consumer.output::<Arn<Bucket>>("Seen", "What came in", export.import());
    assert_eq!(consumer.imports(), producer.exports().cloned().collect::<Vec<_>>());
    assert!(producer.imports().is_empty() && consumer.exports().next().is_none());
}
