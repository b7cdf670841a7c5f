//! The encodings against the format's own examples, and against readers that go bit by bit.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{prop_assert_eq, proptest};

use super::{delta, hybrid, width_of};

#[track_caller]
fn check_hybrid(numbers: &[u32], width: u32, bytes: &[u8]) {
    let mut out = Vec::new();
    hybrid(&mut out, numbers, width);
    assert_eq!(out, bytes, "{numbers:?}");
    assert_eq!(read_hybrid(&out, width, numbers.len()), numbers);
}

/// Numbers back from runs and groups, bit by bit: slow, and by another way than they were written.
fn read_hybrid(bytes: &[u8], width: u32, count: usize) -> Vec<u32> {
    let (mut at, mut numbers) = (0, Vec::new());
    while numbers.len() < count {
        let header = read_varint(bytes, &mut at);
        if header & 1 == 0 {
            let length = width.div_ceil(8) as usize;
            let value = (0..length).fold(0, |value, byte| value | u32::from(bytes[at + byte]) << (8 * byte));
            at += length;
            numbers.extend(std::iter::repeat_n(value, (header >> 1) as usize));
        } else {
            let groups = (header >> 1) as usize;
            for index in 0..groups * 8 {
                numbers.push(read_bits(&bytes[at..], index * width as usize, width) as u32);
            }
            at += groups * width as usize;
        }
    }
    assert_eq!(at, bytes.len());
    assert!(numbers[count..].iter().all(|padding| *padding == 0));
    numbers.truncate(count);
    numbers
}

fn read_delta(bytes: &[u8]) -> Vec<i64> {
    let mut at = 0;
    let block = read_varint(bytes, &mut at) as usize;
    let minis = read_varint(bytes, &mut at) as usize;
    let count = read_varint(bytes, &mut at) as usize;
    let mut last = unzigzag(read_varint(bytes, &mut at));
    let mut numbers = Vec::from_iter((count > 0).then_some(last));
    while numbers.len() < count {
        let smallest = unzigzag(read_varint(bytes, &mut at));
        let widths = &bytes[at..at + minis];
        at += minis;
        for width in widths {
            if numbers.len() == count {
                assert_eq!(*width, 0);
                continue;
            }
            for index in 0..block / minis {
                let above = read_bits(&bytes[at..], index * usize::from(*width), u32::from(*width));
                if numbers.len() < count {
                    last = last.wrapping_add(smallest).wrapping_add(above as i64);
                    numbers.push(last);
                }
            }
            at += block / minis * usize::from(*width) / 8;
        }
    }
    assert_eq!(at, bytes.len());
    numbers
}

fn read_varint(bytes: &[u8], at: &mut usize) -> u64 {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = bytes[*at];
        *at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return number;
        }
    }
}

fn read_bits(bytes: &[u8], from: usize, width: u32) -> u64 {
    (0..width as usize).fold(0, |number, bit| {
        let at = from + bit;
        number | u64::from(bytes[at / 8] >> (at % 8) & 1) << bit
    })
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[test]
fn runs_and_groups_are_those_of_the_format() {
    // The format's own example: 0 to 7 in three bits each.
    check_hybrid(
        &[0, 1, 2, 3, 4, 5, 6, 7],
        3,
        &[0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010],
    );
    check_hybrid(&[4; 9], 3, &[9 << 1, 4]);
    check_hybrid(&[300; 100], 9, &[200, 1, 44, 1]);
    check_hybrid(&[1, 1], 1, &[2 << 1, 1]);
    check_hybrid(&[0, 1, 1], 1, &[0b11, 0b110]);
    check_hybrid(&[], 1, &[]);
    let mixed: Vec<u32> = [0, 1, 0, 1, 0, 1, 0, 1].into_iter().chain([1; 20]).collect();
    check_hybrid(&mixed, 1, &[0b11, 0b1010_1010, 20 << 1, 1]);
}

#[test]
fn differences_are_those_of_the_format() {
    let mut out = Vec::new();
    // The format's own example: 1 to 5, whose differences are equal.
    delta(&mut out, [1i64, 2, 3, 4, 5].into_iter());
    assert_eq!(out, [128, 1, 4, 5, 2, 2, 0, 0, 0, 0]);
    assert_eq!(read_delta(&out), [1, 2, 3, 4, 5]);
    // And its second one: 7, 5, 3, 1, 2, 3, 4, 5, with -2 as the smallest difference.
    out.clear();
    delta(&mut out, [7i64, 5, 3, 1, 2, 3, 4, 5].into_iter());
    assert_eq!(out[..10], [128, 1, 4, 8, 14, 3, 2, 0, 0, 0]);
    assert_eq!(out.len(), 10 + 32 * 2 / 8);
    assert_eq!(read_delta(&out), [7, 5, 3, 1, 2, 3, 4, 5]);
}

/// Numbers alone, in runs, and near each other.
fn numbers() -> impl Strategy<Value = Vec<i64>> {
    let run = prop_oneof![
        vec(any::<i64>(), 1..40),
        vec(-100..100i64, 1..300),
        (any::<i64>(), 1..300usize).prop_map(|(number, count)| vec![number; count]),
        Just(vec![i64::MIN, i64::MAX, 0, -1]),
    ];
    vec(run, 0..8).prop_map(|runs| runs.concat())
}

proptest! {
    #[test]
    fn numbers_come_back(numbers in numbers()) {
        let mut out = Vec::new();
        delta(&mut out, numbers.iter().copied());
        prop_assert_eq!(read_delta(&out), numbers.clone());

        let small: Vec<u32> = numbers.iter().map(|number| *number as u32 % 70_000).collect();
        let width = width_of(u64::from(small.iter().copied().max().unwrap_or(1).max(1)));
        out.clear();
        hybrid(&mut out, &small, width);
        prop_assert_eq!(read_hybrid(&out, width, small.len()), small);
    }
}
