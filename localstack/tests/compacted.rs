//! Compaction between another's objects and another's reader: DuckDB, which is also what the local
//! Athena reads with.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use lake_parquet::compact::{Compactor, Settings};
use lake_parquet::{Encoder, Layout};

/// 2024-04-07T17:42:03.120Z
const ARRIVAL: i64 = 1_712_511_723_120;

/// Raw objects as DuckDB writes them: moments in microseconds, columns in another order, one more
/// and one less; every event of ours with a number of 150,000 and above again, earlier.
const DELIVER: &str = "
import duckdb, sys
folder = sys.argv[1]
duckdb.execute(f'''
    COPY (
        SELECT *
        FROM (
            SELECT payload, ingested_at - INTERVAL 1 MINUTE AS ingested_at, created_at, created_datetime,
                event_name, event_type, event_uuid, 7 AS strange
            FROM read_parquet('{folder}/raw/ours.parquet')
            WHERE (payload->>'n')::INTEGER >= 150000
        )
    ) TO '{folder}/raw/duckdb.parquet' (FORMAT parquet, ROW_GROUP_SIZE 10000)
''')
";

/// What must be left, said in SQL, against the compacted files: rows, order, and what is found.
const COMPARE: &str = "
import duckdb, sys
folder = sys.argv[1]
ask = lambda query: duckdb.execute(query).fetchall()
raw = f\"read_parquet('{folder}/raw/*.parquet', union_by_name=true)\"
files = f\"read_parquet('{folder}/files/*.parquet', file_row_number=true, filename=true)\"
columns = 'event_uuid, event_name, event_type, event_subtype, created_at, created_datetime::TIMESTAMP, ingested_at::TIMESTAMP, payload'
order = 'event_name, created_at, event_uuid'
expected = ask(f'''
    SELECT {columns}
    FROM (SELECT *, row_number() OVER (PARTITION BY event_uuid ORDER BY ingested_at, {order}) AS copy FROM {raw})
    WHERE copy = 1 ORDER BY {order}
''')
found = ask(f'SELECT {columns} FROM {files} ORDER BY filename, file_row_number')
assert len(found) == 200_000, len(found)
assert found == expected, 'other rows, or in another order'
for row in found[::19_997]:
    uuid = row[0]
    assert ask(f\"SELECT count(*) FROM {files} WHERE event_uuid = '{uuid}'\") == [(1,)], uuid
    probe = f\"SELECT bool_and(bloom_filter_excludes) FROM parquet_bloom_probe('{folder}/files/*.parquet', 'event_uuid', '{uuid}')\"
    assert ask(probe) == [(False,)], f'the filters have not {uuid}'
strangers = [
    excludes
    for number in range(50)
    for (excludes,) in ask(f\"SELECT bloom_filter_excludes FROM parquet_bloom_probe('{folder}/files/*.parquet', 'event_uuid', 'x{number}')\")
]
assert sum(strangers) >= 0.9 * len(strangers) > 0, 'the filters have what is not there'
groups = ask(f\"SELECT stats_min_value, stats_max_value FROM parquet_metadata('{folder}/files/*.parquet') WHERE path_in_schema = 'event_name' ORDER BY file_name, row_group_id\")
assert len(groups) == 3 and all(one[1] <= next[0] for one, next in zip(groups, groups[1:])), groups
";

#[test]
fn duckdb_delivers_and_reads() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let raw = folder.path().join("raw");
    std::fs::create_dir(&raw)?;
    std::fs::create_dir(folder.path().join("files"))?;
    let mut encoder = Encoder::new(Layout::lake(), lake_parquet::Settings::default())?;
    for number in 0..200_000u32 {
        let mixed = number.wrapping_mul(0x9e37_79b9);
        let event = format!(
            r#"{{"event_uuid":"{mixed:08x}-0000-4000-8000-{number:012x}","event_name":"type:{}","created_at":17125{}.{},"n":{number}}}"#,
            mixed >> 8 & 63,
            10_000 + number % 700,
            mixed % 1_000_000,
        );
        let pushed = encoder.push(event.as_bytes(), Some(ARRIVAL + i64::from(number % 500)));
        pushed.map_err(|reason| anyhow::anyhow!("{reason}"))?;
    }
    let objects: Vec<_> = encoder.finish().collect::<Result<_, _>>()?;
    let [object] = objects.as_slice() else {
        anyhow::bail!("{} hours", objects.len());
    };
    std::fs::write(raw.join("ours.parquet"), &object.bytes)?;
    duckdb(DELIVER, folder.path())?;

    let mut compactor = Compactor::new(Settings {
        run_bytes: 8 << 20,
        file_rows: 150_000,
        most_rows: 1_000_000,
        scratch: folder.path().to_owned(),
    })?;
    for name in ["ours", "duckdb"] {
        compactor.push(std::fs::read(raw.join(name).with_extension("parquet"))?.into())?;
    }
    let mut files = compactor.finish();
    for (number, file) in (&mut files).enumerate() {
        std::fs::write(folder.path().join(format!("files/{number}.parquet")), file?.bytes)?;
    }
    let summary = files.summary();
    ensure!((summary.rows_in, summary.rows_out) == (250_000, 200_000), "{summary:?}");
    duckdb(COMPARE, folder.path())
}

/// Runs a script with DuckDB in reach and the folder as its argument.
fn duckdb(script: &str, folder: &Path) -> Result<()> {
    let python = std::env::var_os("HEADEND_PYTHON").context("run these tests with `cargo xtask test it`")?;
    let status = Command::new(python).args(["-c", script]).arg(folder).status()?;
    ensure!(status.success(), "the script failed: {status}");
    Ok(())
}
