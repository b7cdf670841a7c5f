//! S3 and Firehose: ownership, lifecycle, delivery.

use crate::check::{Check, Resource};
use crate::rule::rules;
use crate::tree::Tree;

rules! {
    ACL = error("bucket-acl-ownership", "an access list goes with ownership controls", "remove AccessControl, or set OwnershipControls", ["E3045"]);
    LEGACY_ACL = warning("bucket-acl", "access is governed by policies, not by access lists", "remove AccessControl and use a bucket policy", ["W3045"]);
    LIFECYCLE = error("bucket-lifecycle-action", "a lifecycle rule does something", "give it an expiry, a transition or an abort", []);
    BUFFER = error("delivery-buffer", "Firehose buffers at least 64 MiB where it converts the format or partitions", "raise SizeInMBs to 64", []);
    ERROR_PREFIX = error("delivery-error-prefix", "dynamic partitioning has a prefix with keys and an error prefix", "set Prefix and ErrorOutputPrefix", []);
    SOURCE = error("delivery-source", "a delivery stream of a Kinesis stream names it", "set KinesisStreamSourceConfiguration", []);
    COMPRESSION = error("delivery-compression", "what is converted is compressed by its format", "set CompressionFormat to UNCOMPRESSED", []);
}

pub(super) fn bucket<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    if let Some(list) = resource.at("AccessControl") {
        cx.report_at("AccessControl", &LEGACY_ACL, "access lists are a legacy");
        let is_private = matches!(
            list.text(),
            Some("Private" | "BucketOwnerFullControl" | "BucketOwnerRead") | None
        );
        if !is_private && resource.at("OwnershipControls").is_none() {
            cx.report_at("AccessControl", &ACL, format!("{list} needs OwnershipControls"));
        }
    }
    let actions = [
        "AbortIncompleteMultipartUpload",
        "ExpirationDate",
        "ExpirationInDays",
        "ExpiredObjectDeleteMarker",
        "NoncurrentVersionExpiration",
        "NoncurrentVersionExpirationInDays",
        "NoncurrentVersionTransition",
        "NoncurrentVersionTransitions",
        "Transition",
        "Transitions",
    ];
    for rule in resource.at("LifecycleConfiguration.Rules").map_or(&[][..], Tree::items) {
        if matches!(rule, Tree::Map(_)) && rule.call().is_none() && actions.iter().all(|name| rule.get(name).is_none())
        {
            cx.report_at("LifecycleConfiguration", &LIFECYCLE, "a rule does nothing");
        }
    }
}

/// MiB, from the service's API reference.
const LEAST_BUFFER: f64 = 64.0;

pub(super) fn delivery<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    let is_from_stream = resource.at("DeliveryStreamType").and_then(Tree::text) == Some("KinesisStreamAsSource");
    if is_from_stream && resource.at("KinesisStreamSourceConfiguration").is_none() {
        cx.report(&SOURCE, "KinesisStreamSourceConfiguration is required");
    }
    let Some(s3) = resource.at("ExtendedS3DestinationConfiguration") else {
        return;
    };
    let is_on = |path: &str| {
        s3.at(path).is_some() && s3.at(path).and_then(|it| it.get("Enabled")).and_then(Tree::truth) != Some(false)
    };
    let (converts, partitions) = (
        is_on("DataFormatConversionConfiguration"),
        is_on("DynamicPartitioningConfiguration"),
    );
    cx.below("ExtendedS3DestinationConfiguration", |cx| {
        let size = s3.at("BufferingHints.SizeInMBs");
        if (converts || partitions) && size.is_some_and(|size| size.number().is_some_and(|size| size < LEAST_BUFFER)) {
            cx.report_at("BufferingHints", &BUFFER, "the buffer is too small");
        }
        let has_keys = s3
            .get("Prefix")
            .and_then(Tree::text)
            .is_none_or(|prefix| prefix.contains("!{partitionKeyFrom"));
        if partitions && (s3.get("ErrorOutputPrefix").is_none() || s3.get("Prefix").is_none() || !has_keys) {
            cx.report(&ERROR_PREFIX, "dynamic partitioning is enabled");
        }
        let compression = s3.get("CompressionFormat").and_then(Tree::text);
        if converts && compression.is_some_and(|format| format != "UNCOMPRESSED") {
            cx.report_at(
                "CompressionFormat",
                &COMPRESSION,
                "the format of the rows compresses them",
            );
        }
    });
}
