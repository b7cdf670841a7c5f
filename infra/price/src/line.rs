//! One line of an estimate: a quantity as the product of its factors, a price, an amount.

use std::borrow::Cow;

use crate::money::{Money, grouped};
use crate::table::{Price, Quote, Region};

/// What one thing costs in a month.
#[derive(Clone, Debug)]
pub struct Line {
    factors: Vec<Factor>,
    price: &'static Price,
    region: Region,
    amount: Money,
}

/// A number of the formula and what it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    number: u128,
    of: Cow<'static, str>,
}

impl Factor {
    /// The number.
    pub fn number(&self) -> u128 {
        self.number
    }
}

/// So many of something that is written alike in one and many: `of(730, "h")`.
pub(crate) fn of(number: impl Into<u128>, what: impl Into<Cow<'static, str>>) -> Factor {
    Factor {
        number: number.into(),
        of: what.into(),
    }
}

/// So many of something that takes an s: `count(2, "shard")`.
pub(crate) fn count(number: impl Into<u128>, one: &'static str) -> Factor {
    match number.into() {
        1 => of(1_u8, one),
        many => of(many, format!("{one}s")),
    }
}

impl Line {
    /// The product of the factors, in what the price's unit is made of, at that price.
    ///
    /// The quantity is computed from the factors that are shown, so that a formula cannot differ
    /// from its amount.
    pub(crate) fn new(region: Region, price: &'static Price, factors: impl Into<Vec<Factor>>) -> Self {
        let factors = factors.into();
        let amount = price.cost(region, product(&factors));
        Line {
            factors,
            price,
            region,
            amount,
        }
    }

    /// What is paid for.
    pub fn name(&self) -> &'static str {
        self.price.name
    }

    /// What it costs in a month.
    pub fn amount(&self) -> Money {
        self.amount
    }

    /// The price that it was taken at.
    pub fn price(&self) -> &'static Price {
        self.price
    }

    /// That price in the stack's region.
    pub fn quote(&self) -> &'static Quote {
        self.price.quote(self.region)
    }

    /// The quantity, in what the model counts: bytes, requests, MiB times milliseconds.
    pub fn quantity(&self) -> u128 {
        product(&self.factors)
    }

    /// The formula with its numbers: `730 h x 1 shard x $0.015 = $10.95`.
    pub fn formula(&self) -> String {
        let factors: Vec<String> = self
            .factors
            .iter()
            .map(|factor| format!("{} {}", grouped(factor.number), factor.of))
            .collect();
        let mut text = factors.join(" x ");
        let unit = self.price.unit;
        let per = match unit.per {
            1 => String::new(),
            per => format!(" per {}", grouped(per.into())),
        };
        let shares: Vec<_> = self.price.shares(self.region, self.quantity()).collect();
        if let [(rate, share)] = shares.as_slice() {
            if unit.size > 1 {
                text.push_str(&format!(" = {} {}", units(*share, unit.size), unit.name));
            }
            text.push_str(&format!(" x {rate}{per}"));
        } else {
            let tiers: Vec<String> = shares
                .iter()
                .map(|(rate, share)| format!("{} {} x {rate}{per}", units(*share, unit.size), unit.name))
                .collect();
            text.push_str(&format!(" = {}", tiers.join(" + ")));
        }
        format!("{text} = {}", self.amount)
    }
}

fn product(factors: &[Factor]) -> u128 {
    factors.iter().map(|factor| factor.number).product()
}

/// A quantity in units: whole above a thousand, else with up to four decimals.
fn units(quantity: u128, size: u64) -> String {
    let size = u128::from(size);
    let ten_thousandths = (quantity * 10_000 + size / 2) / size;
    let (whole, rest) = (ten_thousandths / 10_000, ten_thousandths % 10_000);
    if whole >= 1_000 {
        return grouped((quantity + size / 2) / size);
    }
    let decimals = format!("{rest:04}");
    match decimals.trim_end_matches('0') {
        "" => grouped(whole),
        kept => format!("{whole}.{kept}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Factor, Line, count, of};
    use crate::table::prices::{ATHENA, FIREHOSE_INGEST, KINESIS_PUT, KINESIS_SHARD, LAMBDA_ARM};
    use crate::table::{Price, Region};

    #[track_caller]
    fn check(price: &'static Price, factors: &[Factor], formula: &str) {
        assert_eq!(Line::new(Region::UsEast1, price, factors).formula(), formula);
    }

    #[test]
    fn a_formula_shows_its_numbers() {
        check(
            &KINESIS_SHARD,
            &[of(730_u16, "h"), count(1_u8, "shard")],
            "730 h x 1 shard x $0.015 = $10.95",
        );
        check(
            &KINESIS_PUT,
            &[count(730_000_000_u32, "record"), count(1_u8, "PUT unit")],
            "730,000,000 records x 1 PUT unit x $0.014 per 1,000,000 = $10.22",
        );
        check(
            &LAMBDA_ARM,
            &[count(219_000_u32, "call"), of(14_u8, "ms"), of(128_u8, "MiB")],
            "219,000 calls x 14 ms x 128 MiB = 383.25 GB-s x $0.0000133334 = $0.005110",
        );
        check(
            &ATHENA,
            &[of(3_042_u32, "queries"), of(10_485_760_u32, "B")],
            "3,042 queries x 10,485,760 B = 0.029 TB x $5.00 = $0.15",
        );
    }

    #[test]
    fn every_tier_is_shown() {
        check(
            &FIREHOSE_INGEST,
            &[count(730_000_000_000_u64, "record"), of(5_120_u16, "B")],
            "730,000,000,000 records x 5,120 B = 512,000 GB x $0.029 + 1,572,864 GB x $0.025 + 1,396,047 GB x $0.02 \
             = $82,090.55",
        );
    }
}
