use super::bits::pack;
use super::varint;

/// Numbers that are packed together; a run that is shorter is packed too.
const GROUP: usize = 8;

/// Appends numbers of at most `width` bits as runs of one value and of packed bits, in turn.
pub(crate) fn hybrid<T: Copy + PartialEq + Into<u64>>(out: &mut Vec<u8>, numbers: &[T], width: u32) {
    let mut rest = numbers;
    while let Some(first) = rest.first() {
        let run = run(rest);
        if run >= GROUP || run == rest.len() {
            repeat(out, (*first).into(), run, width);
            rest = rest.get(run..).unwrap_or_default();
            continue;
        }
        // Packed up to the next run that is worth it.
        let mut groups = 1;
        while let Some(next) = rest.get(groups * GROUP..)
            && !next.is_empty()
            && self::run(next.get(..GROUP).unwrap_or(next)) < GROUP.min(next.len())
        {
            groups += 1;
        }
        let (packed, behind) = rest.split_at((groups * GROUP).min(rest.len()));
        varint(out, (groups as u64) << 1 | 1);
        // The last group is filled with zeros.
        let zeros = std::iter::repeat_n(0, groups * GROUP - packed.len());
        pack(out, packed.iter().map(|number| (*number).into()).chain(zeros), width);
        rest = behind;
    }
}

/// Appends a run of one value.
pub(crate) fn repeat(out: &mut Vec<u8>, number: u64, count: usize, width: u32) {
    varint(out, (count as u64) << 1);
    out.extend(number.to_le_bytes().into_iter().take(width.div_ceil(8) as usize));
}

/// How often the first number comes in a row.
#[inline]
fn run<T: Copy + PartialEq>(numbers: &[T]) -> usize {
    let first = numbers.first();
    numbers.iter().take_while(|number| Some(*number) == first).count()
}
