//! Where a function's code is: two parameters, which whoever deploys the stack gives.

use infra_core::stack::ASSET_BUCKET;
use infra_core::{Asset, Name, Parameter, Template, Value};
use infra_resources::s3;

/// The bucket of a stack's code, and the key of each asset's zip in it, in the order given.
#[track_caller]
pub fn parameters<const N: usize>(
    template: &mut Template,
    assets: [&Asset; N],
) -> (Value<Name<s3::Bucket>>, [Value<String>; N]) {
    let bucket = template.parameter(ASSET_BUCKET, given("Bucket that holds the code of functions"));
    let keys = assets.map(|asset| template.parameter(&asset.parameter, given("Key of a function's code")));
    (bucket, keys)
}

fn given(description: &'static str) -> Parameter {
    Parameter {
        description,
        min_length: Some(1),
        ..Parameter::default()
    }
}

#[cfg(test)]
mod tests {
    use infra_core::{Asset, Template};

    use super::parameters;

    #[test]
    fn a_bucket_and_a_key_for_each_function() {
        let mut template = Template::new("functions");
        let assets = [Asset::of("guide-orders"), Asset::of("guide-bills")];
        let (bucket, [orders, bills]) = parameters(&mut template, assets.each_ref());
        let names: Vec<&str> = template.parameter_names().collect();
        assert_eq!(names, ["AssetBucket", "GuideOrdersKey", "GuideBillsKey"]);
        let refs = [bucket.text(), orders, bills].map(|value| format!("{value:?}"));
        assert_eq!(
            refs,
            [
                r#"{"Ref":"AssetBucket"}"#,
                r#"{"Ref":"GuideOrdersKey"}"#,
                r#"{"Ref":"GuideBillsKey"}"#
            ]
        );
    }
}
