//! From the names of CloudFormation to the names of Rust.

/// Spellings that the rule of capitals would cut in the wrong place.
const ATOMS: &[&str] = &[
    "ACLs", "ARNs", "DDoS", "ETag", "FSx", "GiB", "IDs", "IPv4", "IPv6", "IoT", "KiBps", "KiB", "MBs", "MiBps", "MiB",
    "OAuth", "SerDe", "TLSv", "URLs", "VCpu",
];

/// Acronyms that stand next to each other without a break, as in `SSEKMSKeyArn`.
const ACRONYMS: &[&str] = &[
    "ACL", "AWS", "CA", "DB", "EBS", "IAM", "KMS", "MSK", "SNS", "SSE", "TLS",
];

/// Words that Rust keeps for itself and that occur as property names.
const KEYWORDS: &[&str] = &[
    "as", "async", "await", "box", "break", "const", "continue", "dyn", "else", "enum", "extern", "false", "final",
    "fn", "for", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "override", "priv", "pub", "ref",
    "return", "static", "struct", "trait", "true", "try", "type", "use", "where", "while", "yield",
];

/// Services that nobody writes as two words.
const SERVICES: &[(&str, &str)] = &[
    ("CloudFormation", "cloudformation"),
    ("CloudFront", "cloudfront"),
    ("CloudWatch", "cloudwatch"),
    ("DynamoDB", "dynamodb"),
    ("WAFv2", "wafv2"),
    ("XRay", "xray"),
];

/// The module of a service: `KinesisFirehose` to `kinesis_firehose`.
pub(super) fn service(name: &str) -> String {
    let known = SERVICES.iter().find(|(aws, _)| *aws == name);
    known.map_or_else(|| snake(name), |(_, module)| (*module).to_owned())
}

/// `WarmThroughputMiBps` to `warm_throughput_mibps`; a keyword becomes a raw identifier.
pub(super) fn snake(name: &str) -> String {
    let snake = words(name)
        .iter()
        .map(|word| word.to_lowercase())
        .collect::<Vec<_>>()
        .join("_");
    if KEYWORDS.contains(&snake.as_str()) {
        format!("r#{snake}")
    } else {
        snake
    }
}

/// `SSEKMSEncryptedObjects` to `SseKmsEncryptedObjects`.
pub(super) fn camel(name: &str) -> String {
    let mut camel = String::new();
    for word in words(name) {
        // `tls1_2`: two numbers that touch would read as one.
        if camel.ends_with(|c: char| c.is_ascii_digit()) && word.starts_with(|c: char| c.is_ascii_digit()) {
            camel.push('_');
        }
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(&letters.as_str().to_lowercase());
    }
    camel
}

/// The variant for one value of an enumeration: `ON_DEMAND` to `OnDemand`, `Bytes/Second` to `BytesPerSecond`.
pub(super) fn variant(value: &str) -> String {
    let spelled = value
        .replace("/Second", " Per Second")
        .replace('*', " Star ")
        .replace('+', " Plus ");
    match camel(&spelled) {
        name if name.is_empty() => "Empty".to_owned(),
        name if name == "Self" => "Itself".to_owned(),
        name if name.starts_with(|c: char| c.is_ascii_digit()) => format!("N{name}"),
        name => name,
    }
}

/// The name of one item of a list: `Architectures` to `Architecture`.
pub(super) fn singular(name: &str) -> String {
    match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None if name.ends_with("ss") => name.to_owned(),
        None => name.strip_suffix('s').unwrap_or(name).to_owned(),
    }
}

/// `SCREAMING_SNAKE`, for statics.
pub(super) fn screaming(name: &str) -> String {
    words(name)
        .iter()
        .map(|word| word.to_uppercase())
        .collect::<Vec<_>>()
        .join("_")
}

/// Cuts a name where a reader would: at punctuation, before a capital, around an acronym.
pub(super) fn words(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(cut).collect()
}

fn cut(part: &str) -> Vec<String> {
    let letters: Vec<char> = part.chars().collect();
    let mut words = Vec::new();
    let mut start = 0;
    while start < letters.len() {
        let end = start + word_length(&letters[start..]);
        let word: String = letters[start..end].iter().collect();
        words.extend(split_acronyms(word));
        start = end;
    }
    words
}

/// The length of the word at the start of `letters`.
fn word_length(letters: &[char]) -> usize {
    let rest: String = letters.iter().collect();
    let ends = |length: usize| letters.get(length).is_none_or(|next| !next.is_ascii_lowercase());
    if let Some(atom) = ATOMS.iter().find(|atom| rest.starts_with(**atom) && ends(atom.len())) {
        return atom.len();
    }
    let capitals = letters.iter().take_while(|c| c.is_ascii_uppercase()).count();
    let is_lower = |c: &&char| c.is_ascii_lowercase();
    let is_digit = |c: &&char| c.is_ascii_digit();
    let lower = letters[capitals..].iter().take_while(is_lower).count();
    match (capitals, lower) {
        // An acronym gives its last capital to the word that follows: `HTTPHeader`.
        (2.., 1..) => capitals - 1,
        _ => {
            let word = capitals + lower;
            word + letters[word..].iter().take_while(is_digit).count()
        }
    }
}

/// Splits a run of capitals when all of it consists of known acronyms.
fn split_acronyms(word: String) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = word.as_str();
    while !rest.is_empty() {
        let Some(acronym) = ACRONYMS.iter().find(|acronym| rest.starts_with(**acronym)) else {
            return vec![word];
        };
        pieces.push((*acronym).to_owned());
        rest = &rest[acronym.len()..];
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::{camel, service, singular, snake, variant};

    #[track_caller]
    fn check(name: &str, as_snake: &str, as_camel: &str) {
        assert_eq!((snake(name).as_str(), camel(name).as_str()), (as_snake, as_camel));
    }

    #[test]
    fn cuts_at_capitals_and_around_acronyms() {
        check("ShardCount", "shard_count", "ShardCount");
        check("DBCluster", "db_cluster", "DbCluster");
        check("VPCGatewayAttachment", "vpc_gateway_attachment", "VpcGatewayAttachment");
        check("WebACLArn", "web_acl_arn", "WebAclArn");
        check("S3BackupMode", "s3_backup_mode", "S3BackupMode");
        check("deadLetterTargetArn", "dead_letter_target_arn", "DeadLetterTargetArn");
    }

    #[test]
    fn splits_acronyms_that_touch() {
        check(
            "SSEKMSEncryptedObjects",
            "sse_kms_encrypted_objects",
            "SseKmsEncryptedObjects",
        );
        check("AWSKMSKeyARN", "aws_kms_key_arn", "AwsKmsKeyArn");
        check("HTTPS", "https", "Https");
    }

    #[test]
    fn keeps_units_and_brands_whole() {
        check("WarmThroughputMiBps", "warm_throughput_mibps", "WarmThroughputMibps");
        check("MaxRecordSizeInKiB", "max_record_size_in_kib", "MaxRecordSizeInKib");
        check("SizeInMBs", "size_in_mbs", "SizeInMbs");
        check("ProviderARNs", "provider_arns", "ProviderArns");
        check("OpenXJsonSerDe", "open_x_json_serde", "OpenXJsonSerde");
        check("AllowedOAuthFlows", "allowed_oauth_flows", "AllowedOauthFlows");
    }

    #[test]
    fn services_have_the_names_that_people_use() {
        for (aws, module) in [
            ("KinesisFirehose", "kinesis_firehose"),
            ("WAFv2", "wafv2"),
            ("CloudWatch", "cloudwatch"),
            ("XRay", "xray"),
        ] {
            assert_eq!(service(aws), module);
        }
    }

    #[test]
    fn items_are_singular() {
        for (list, item) in [
            ("Architectures", "Architecture"),
            ("Policies", "Policy"),
            ("Access", "Access"),
        ] {
            assert_eq!(singular(list), item);
        }
    }

    #[test]
    fn keywords_become_raw_identifiers() {
        assert_eq!(snake("Type"), "r#type");
        assert_eq!(snake("Types"), "types");
    }

    #[test]
    fn variants_are_identifiers() {
        for (value, expected) in [
            ("ON_DEMAND", "OnDemand"),
            ("provided.al2023", "ProvidedAl2023"),
            ("python3.12", "Python3_12"),
            ("nodejs18.x", "Nodejs18X"),
            ("Bytes/Second", "BytesPerSecond"),
            ("aws:kms:dsse", "AwsKmsDsse"),
            ("s3:GetObject", "S3GetObject"),
            ("TLS_1_2", "Tls1_2"),
            ("TLSv1.2_2021", "Tlsv1_2_2021"),
            ("1d", "N1D"),
            ("*", "Star"),
            ("", "Empty"),
        ] {
            assert_eq!(variant(value), expected, "{value}");
        }
    }
}
