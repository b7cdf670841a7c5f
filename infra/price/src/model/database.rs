//! DynamoDB tables and RDS instances.

use super::{Site, rows};
use crate::estimate::Standing;
use crate::line::{Line, count, of};
use crate::resource::Resource;
use crate::table::prices;

/// A write is rounded up to whole KB, a read to four of them.
const WRITE_UNIT: u128 = 1024;
const READ_UNIT: u128 = 4 * 1024;

const GIB: u64 = 1 << 30;

pub(super) fn table(site: &Site<'_>, table: &Resource<'_>) -> Vec<Line> {
    let load = site.load;
    let item = u128::from(load.bytes_per_item);
    // Each index takes every write again, and keeps a copy.
    let copies = 1 + table.list("GlobalSecondaryIndexes").len() as u64;
    let copies = || of(copies, "table and indexes");
    let mut lines = Vec::new();
    if table.is("BillingMode", "PAY_PER_REQUEST") {
        let writes = load.monthly(load.item_writes_per_hour) + rows::ledger_writes(site, table);
        let writes = count(writes, "write");
        let reads = count(load.monthly(load.item_reads_per_hour), "read");
        let units = |size: u128, name| count(item.div_ceil(size).max(1), name);
        lines.push(site.line(
            &prices::DYNAMODB_WRITE,
            [writes, units(WRITE_UNIT, "write unit"), copies()],
        ));
        lines.push(site.line(&prices::DYNAMODB_READ, [reads, units(READ_UNIT, "read unit")]));
    } else {
        for (price, property) in [
            (&prices::DYNAMODB_WRITE_HOUR, "WriteCapacityUnits"),
            (&prices::DYNAMODB_READ_HOUR, "ReadCapacityUnits"),
        ] {
            let units = table.integer(&format!("ProvisionedThroughput.{property}")).unwrap_or(0);
            lines.push(site.line(price, [of(load.hours_per_month, "h"), count(units, "unit")]));
        }
    }
    let items = || [count(load.stored_items, "item"), of(load.bytes_per_item, "B")];
    let [number, size] = items();
    lines.push(site.line(&prices::DYNAMODB_STORAGE, [number, size, copies()]));
    if table.holds("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled") {
        lines.push(site.line(&prices::DYNAMODB_BACKUP, items()));
    }
    lines
}

pub(super) fn instance(site: &Site<'_>, instance: &Resource<'_>) -> Standing {
    let class = instance
        .text("DBInstanceClass")
        .unwrap_or("of a class that is not said");
    let price = match class {
        "db.t4g.micro" => &prices::RDS_T4G_MICRO,
        "db.t4g.small" => &prices::RDS_T4G_SMALL,
        "db.t4g.medium" => &prices::RDS_T4G_MEDIUM,
        _ => return Standing::NotPriced(format!("no price is known for an instance {class}")),
    };
    let copies = if instance.holds("MultiAZ") { 2_u8 } else { 1 };
    let stored = instance.text("AllocatedStorage").and_then(|text| text.parse().ok());
    let stored = stored.or_else(|| instance.integer("AllocatedStorage")).unwrap_or(0);
    let hours = of(site.load.hours_per_month, "h");
    Standing::Lines(vec![
        site.line(price, [hours, count(copies, "instance")]),
        site.line(
            &prices::RDS_STORAGE,
            [of(stored, "GiB"), of(GIB, "B"), of(copies, "copies")],
        ),
    ])
}
