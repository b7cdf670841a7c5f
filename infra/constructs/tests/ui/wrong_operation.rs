//! A bucket is listed, an object is not.

use contract_kit::operation::s3;

contract_kit::needs! {
    ReadNeeds { rows: s3::Object [GET_OBJECT, LIST_BUCKET] }
}

fn main() {}
