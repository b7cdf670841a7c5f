//! DynamoDB and RDS.

use super::{Demand, Policy, ensure};
use crate::check::{Check, Resource};
use crate::rule::Rule;
use crate::tree::Tree;

const INSTANCE: &[&str] = &["AWS::RDS::DBInstance"];
const BOTH: &[&str] = &["AWS::RDS::DBInstance", "AWS::RDS::DBCluster"];

pub(super) static POLICIES: &[Policy] = &[
    Policy::new(
        Rule::error(
            "table-recovery",
            "a table can be restored to any second",
            "set PointInTimeRecoveryEnabled to true",
            &["CKV_AWS_28", "DYNAMODB_PITR_ENABLED", "AwsSolutions-DDB3"],
        ),
        &["AWS::DynamoDB::Table"],
        Demand::True("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"),
    ),
    Policy::new(
        Rule::error(
            "table-encrypted",
            "a table is encrypted with a key of ours",
            "set SSEEnabled to true, SSEType to KMS and KMSMasterKeyId",
            &[
                "CKV_AWS_119",
                "DYNAMODB_TABLE_ENCRYPTED_KMS",
                "DYNAMODB_TABLE_MUST_BE_ENCRYPTED",
            ],
        ),
        &["AWS::DynamoDB::Table"],
        Demand::Holds(|_, table| {
            let is_on = table
                .at("SSESpecification.SSEEnabled")
                .is_some_and(|it| it.truth() != Some(false));
            ensure(
                is_on && table.at("SSESpecification.KMSMasterKeyId").is_some(),
                "the key is AWS's own",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "global-table-recovery",
            "each replica of a table can be restored to any second",
            "set PointInTimeRecoveryEnabled of each replica",
            &["CKV_AWS_165"],
        ),
        &["AWS::DynamoDB::GlobalTable"],
        Demand::Holds(|_, table| {
            let replicas = table.at("Replicas").map_or(&[][..], Tree::items);
            let recovers = |replica: &Tree| {
                let setting = replica.at("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled");
                setting.is_some_and(|it| it.truth() != Some(false))
            };
            ensure(replicas.iter().all(recovers), "a replica cannot be restored")
        }),
    ),
    Policy::new(
        Rule::error(
            "database-encrypted",
            "a database encrypts its storage",
            "set StorageEncrypted to true",
            &["CKV_AWS_16", "CKV_AWS_96", "RDS_STORAGE_ENCRYPTED", "AwsSolutions-RDS2"],
        ),
        BOTH,
        Demand::Holds(|_, database| {
            // The instances of a cluster take its storage.
            let is_member = database.at("DBClusterIdentifier").is_some();
            let is_on = database
                .at("StorageEncrypted")
                .is_some_and(|it| it.truth() != Some(false));
            ensure(is_on || is_member, "StorageEncrypted is not true")
        }),
    ),
    Policy::new(
        Rule::error(
            "database-private",
            "a database has no public address",
            "set PubliclyAccessible to false",
            &["CKV_AWS_17", "RDS_INSTANCE_PUBLIC_ACCESS_CHECK"],
        ),
        INSTANCE,
        Demand::NotTrue("PubliclyAccessible"),
    ),
    Policy::new(
        Rule::error(
            "database-no-password",
            "no password of a database stands in the template",
            "set ManageMasterUserPassword to true",
            &[
                "RDS_MASTER_USER_PASSWORD_NO_PLAINTEXT_PASSWORD",
                "RDS_CLUSTER_MASTER_USER_PASSWORD_NO_PLAINTEXT_PASSWORD",
                "W2501",
            ],
        ),
        BOTH,
        Demand::Holds(|_, database| {
            let password = database.at("MasterUserPassword").and_then(Tree::text);
            ensure(
                password.is_none_or(|text| text.contains("{{resolve:")),
                "MasterUserPassword is a literal",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "database-iam",
            "users of a database may sign in with IAM",
            "set EnableIAMDatabaseAuthentication to true",
            &["CKV_AWS_161", "CKV_AWS_162", "AwsSolutions-RDS6"],
        ),
        BOTH,
        Demand::Holds(|_, database| {
            let is_member = database.kind == INSTANCE[0] && database.at("DBClusterIdentifier").is_some();
            let is_on = database
                .at("EnableIAMDatabaseAuthentication")
                .is_some_and(|it| it.truth() != Some(false));
            ensure(is_on || is_member, "EnableIAMDatabaseAuthentication is not true")
        }),
    ),
    Policy::new(
        Rule::warning(
            "database-multi-az",
            "a database survives the loss of a zone",
            "set MultiAZ to true",
            &["CKV_AWS_157", "RDS_MULTI_AZ_SUPPORT", "AwsSolutions-RDS3"],
        ),
        INSTANCE,
        Demand::Holds(|_, database| {
            let is_on = database.at("MultiAZ").is_some_and(|it| it.truth() != Some(false));
            ensure(
                is_on || database.at("DBClusterIdentifier").is_some(),
                "MultiAZ is not true",
            )
        }),
    ),
    Policy::new(
        Rule::warning(
            "database-monitoring",
            "a database reports what its machine does",
            "set MonitoringInterval",
            &["CKV_AWS_118", "RDS_ENHANCED_MONITORING_ENABLED"],
        ),
        INSTANCE,
        Demand::Holds(|_, database| {
            let interval = database.at("MonitoringInterval");
            ensure(
                interval.is_some_and(|it| it.number() != Some(0.0)),
                "MonitoringInterval is not set",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "database-backups",
            "a database has backups",
            "set BackupRetentionPeriod above 0",
            &["DB_INSTANCE_BACKUP_ENABLED", "AwsSolutions-RDS13", "I3013"],
        ),
        BOTH,
        Demand::Holds(|_, database| {
            let period = database.at("BackupRetentionPeriod");
            let is_member = database.kind == INSTANCE[0] && database.at("DBClusterIdentifier").is_some();
            ensure(
                is_member || period.is_some_and(|it| it.number() != Some(0.0)),
                "BackupRetentionPeriod is not set",
            )
        }),
    ),
    Policy::new(
        Rule::warning(
            "database-deletion-protection",
            "a database is not deleted by mistake",
            "set DeletionProtection to true",
            &["AwsSolutions-RDS10", "RDS_INSTANCE_DELETION_PROTECTION_ENABLED"],
        ),
        BOTH,
        Demand::Holds(is_protected),
    ),
    Policy::new(
        Rule::warning(
            "database-minor-upgrades",
            "a database takes minor versions by itself",
            "set AutoMinorVersionUpgrade to true",
            &["RDS_AUTOMATIC_MINOR_VERSION_UPGRADE_ENABLED"],
        ),
        INSTANCE,
        Demand::Holds(|_, database| {
            let is_off = database.at("AutoMinorVersionUpgrade").and_then(Tree::truth) == Some(false);
            ensure(!is_off, "AutoMinorVersionUpgrade is false")
        }),
    ),
    Policy::new(
        Rule::note(
            "retention-explicit",
            "what forgets says when",
            "set the retention",
            &["I3013"],
        ),
        &["AWS::Kinesis::Stream", "AWS::SQS::Queue"],
        Demand::Holds(|_, it| {
            let name = if it.kind == "AWS::SQS::Queue" {
                "MessageRetentionPeriod"
            } else {
                "RetentionPeriodHours"
            };
            if it.at(name).is_some() {
                Ok(())
            } else {
                Err(format!("{name} is not set"))
            }
        }),
    ),
];

fn is_protected(_: &Check<'_>, database: &Resource<'_>) -> Result<(), String> {
    let is_member = database.kind == INSTANCE[0] && database.at("DBClusterIdentifier").is_some();
    let is_on = database
        .at("DeletionProtection")
        .is_some_and(|it| it.truth() != Some(false));
    ensure(is_on || is_member, "DeletionProtection is not true")
}
