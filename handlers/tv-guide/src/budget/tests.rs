use super::{Budget, Error};
use crate::table::memory::Memory;

fn now() -> jiff::Timestamp {
    "2026-01-31T23:59:59Z".parse().unwrap()
}

#[tokio::test]
async fn nine_tenths_of_the_budget_are_granted_and_no_more() {
    let table = Memory::new();
    let budget = Budget::new(&table, 10);
    for left in (0..9).rev() {
        assert_eq!(budget.take(1, now()).await.unwrap(), left);
    }
    let error = budget.take(1, now()).await.unwrap_err();
    assert!(matches!(error, Error::Spent { ceiling: 9 }), "{error}");
}

#[tokio::test]
async fn what_costs_more_than_is_left_is_refused_and_not_counted() {
    let table = Memory::new();
    let budget = Budget::new(&table, 3);
    assert_eq!(budget.take(1, now()).await.unwrap(), 1);
    budget.take(2, now()).await.unwrap_err();
    assert_eq!(budget.take(1, now()).await.unwrap(), 0);
}

#[tokio::test]
async fn functions_that_count_at_the_same_time_share_one_budget() {
    let table = Memory::new();
    let mut granted = 0;
    for _ in 0..7 {
        // Each function has its own hand on the table.
        granted += u32::from(Budget::new(&table, 6).take(1, now()).await.is_ok());
    }
    assert_eq!(granted, 5);
}

#[tokio::test]
async fn a_month_begins_at_its_first_second_in_utc() {
    let table = Memory::new();
    let budget = Budget::new(&table, 2);
    assert_eq!(budget.take(1, now()).await.unwrap(), 0);
    budget.take(1, now()).await.unwrap_err();
    let next = now() + jiff::SignedDuration::from_secs(1);
    assert_eq!(budget.take(1, next).await.unwrap(), 0);
}
