//! What AWS asks for: one [`Price`] per thing that is billed, per region, dated, with its source.
//!
//! A quote says whether it was read somewhere or is from memory; what is from memory is shown as
//! `unverified`. [`prices`] is the table itself.

pub mod prices;

use std::fmt;

use crate::money::{Money, RATES_PER_MICRO, Rate};

/// The regions that prices are known for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// London.
    EuWest2,
    /// Northern Virginia.
    UsEast1,
}

impl Region {
    /// All of them.
    pub const ALL: [Region; 2] = [Region::EuWest2, Region::UsEast1];

    /// The region's name, such as `eu-west-2`.
    pub const fn name(self) -> &'static str {
        match self {
            Region::EuWest2 => "eu-west-2",
            Region::UsEast1 => "us-east-1",
        }
    }

    /// The region with this name, where prices are known for it.
    pub fn named(name: &str) -> Option<Self> {
        Region::ALL.into_iter().find(|region| region.name() == name)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What one thing costs.
#[derive(Debug)]
pub struct Price {
    /// What is paid for.
    pub name: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// The public page that lists it.
    pub page: &'static str,
    /// Northern Virginia.
    pub us_east_1: Quote,
    /// London.
    pub eu_west_2: Quote,
}

/// What a price is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The name, as it stands after a number.
    pub name: &'static str,
    /// How many of what the model counts (bytes, requests, milliseconds) make one unit.
    pub size: u64,
    /// The number of units that the rate is for, as the price list has it: `$0.40 per 1,000,000`.
    pub per: u64,
}

/// A price in one region.
#[derive(Debug)]
pub struct Quote {
    /// For the first units of a month.
    pub rate: Rate,
    /// From so many units on, another rate; in ascending order.
    pub above: &'static [(u64, Rate)],
    /// The day on which it was put down, ISO 8601.
    pub date: &'static str,
    /// Where it comes from.
    pub mark: Mark,
}

/// Where a quote comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Read in a copy of the price list that somebody else published.
    ReadInCopy,
    /// From memory: unverified.
    Memory,
}

impl Mark {
    /// How it is shown.
    pub const fn name(self) -> &'static str {
        match self {
            Mark::ReadInCopy => "read in a copy",
            Mark::Memory => "unverified",
        }
    }
}

impl Price {
    /// The quote for a region.
    pub fn quote(&self, region: Region) -> &Quote {
        match region {
            Region::UsEast1 => &self.us_east_1,
            Region::EuWest2 => &self.eu_west_2,
        }
    }

    /// What a quantity costs in a month, in what the model counts; rounded once, half a
    /// micro-dollar up.
    pub fn cost(&self, region: Region, quantity: u128) -> Money {
        let sum: u128 = self
            .shares(region, quantity)
            .map(|(rate, share)| rate.units() * share)
            .sum();
        let divisor = u128::from(self.unit.size) * u128::from(self.unit.per) * RATES_PER_MICRO;
        Money::micro(((sum + divisor / 2) / divisor).cast_signed())
    }

    /// The rates that a quantity meets, each with its share of it; at least one.
    pub(crate) fn shares(&self, region: Region, quantity: u128) -> impl Iterator<Item = (Rate, u128)> {
        let quote = self.quote(region);
        let size = u128::from(self.unit.size);
        let starts = quote.above.iter().map(move |(units, _)| u128::from(*units) * size);
        let ends = starts.clone().chain([u128::MAX]);
        let rates = [quote.rate]
            .into_iter()
            .chain(quote.above.iter().map(|(_, rate)| *rate));
        let tiers = [0].into_iter().chain(starts).zip(ends).zip(rates);
        tiers
            .map(move |((start, end), rate)| (rate, start, quantity.min(end).saturating_sub(start)))
            .filter(|(_, start, share)| *share > 0 || *start == 0)
            .map(|(rate, _, share)| (rate, share))
    }
}

#[cfg(test)]
mod tests {
    use super::prices::{ALL, FIREHOSE_INGEST};
    use super::{Mark, Region};
    use crate::money::Money;

    #[test]
    fn a_tier_ends_where_the_next_begins() {
        const GB: u128 = 1 << 30;
        let cost = |gb: u128| FIREHOSE_INGEST.cost(Region::UsEast1, gb * GB);
        assert_eq!(cost(512_000), Money::dollars(14_848));
        assert_eq!(cost(512_001) - cost(512_000), Money::micro(25_000));
        assert_eq!(cost(2_084_864), Money::micro(54_169_600_000));
        assert_eq!(cost(2_084_865) - cost(2_084_864), Money::micro(20_000));
        assert_eq!(FIREHOSE_INGEST.cost(Region::UsEast1, 0), Money::ZERO);
    }

    #[test]
    fn half_a_micro_dollar_goes_up() {
        // A tenth of a GB-month at 0.029 dollars, cut into bytes around 2.5 micro-dollars.
        let micro = |bytes: u128| FIREHOSE_INGEST.cost(Region::UsEast1, bytes).as_micro();
        let bytes = (1_u128 << 30) * 25 / 290_000;
        assert_eq!((micro(bytes - 1), micro(bytes + 1)), (2, 3));
    }

    #[test]
    fn every_price_has_a_page_of_aws_and_tiers_that_go_up_in_units_and_down_in_money() {
        for price in ALL {
            assert!(price.page.starts_with("https://aws.amazon.com/"), "{}", price.name);
            assert!(price.unit.size > 0 && price.unit.per > 0, "{}", price.name);
            for region in Region::ALL {
                let quote = price.quote(region);
                let rates = [quote.rate].into_iter().chain(quote.above.iter().map(|tier| tier.1));
                assert!(rates.is_sorted_by(|one, next| one > next), "{}", price.name);
                assert!(quote.above.is_sorted_by(|one, next| one.0 < next.0), "{}", price.name);
            }
        }
    }

    #[test]
    fn nothing_is_said_to_be_read_for_london() {
        assert!(ALL.iter().all(|price| price.eu_west_2.mark == Mark::Memory));
    }

    #[test]
    fn a_region_without_prices_is_none() {
        assert_eq!(Region::named("eu-west-2"), Some(Region::EuWest2));
        assert_eq!(Region::named("eu-west-1"), None);
    }
}
