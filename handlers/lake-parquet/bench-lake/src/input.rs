//! What every tool is given: the events as records in base64.

/// Records one after another.
pub struct Records {
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// Some of the records.
#[derive(Clone, Copy)]
pub struct Batch<'r> {
    text: &'r [u8],
    start: usize,
    ends: &'r [usize],
}

/// The events of a file, one on each line, in base64.
pub fn records(path: &str) -> Records {
    let events = std::fs::read(path).expect("a file of events");
    let mut records = Records {
        text: Vec::with_capacity(events.len() / 2 * 3),
        ends: Vec::new(),
    };
    for event in events.split(|byte| *byte == b'\n').filter(|event| !event.is_empty()) {
        base64_simd::STANDARD.encode_append(event, &mut records.text);
        records.ends.push(records.text.len());
    }
    records
}

impl Records {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn batches(&self, size: usize) -> impl Iterator<Item = Batch<'_>> {
        self.ends.chunks(size).enumerate().map(move |(number, ends)| Batch {
            text: &self.text,
            start: if number == 0 { 0 } else { self.ends[number * size - 1] },
            ends,
        })
    }
}

impl<'r> Batch<'r> {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Each record's base64.
    pub fn each(self) -> impl Iterator<Item = &'r [u8]> {
        let mut start = self.start;
        self.ends.iter().map(move |end| {
            let record = &self.text[start..*end];
            start = *end;
            record
        })
    }
}
