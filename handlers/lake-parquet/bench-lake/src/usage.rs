//! What this process has used, by the kernel's own books.

use std::fs::{read_to_string, write};

use rustix::time::{ClockId, clock_gettime};

/// What is used from now on.
pub struct Clock {
    cpu: f64,
    resident: f64,
}

impl Clock {
    pub fn start() -> Self {
        // The peak begins from now.
        write("/proc/self/clear_refs", "5").expect("a kernel that can forget the peak");
        Self {
            cpu: cpu(),
            resident: status("VmRSS:"),
        }
    }

    /// Prints processor time in seconds, and memory beside what was there, in MiB.
    pub fn print(&self, tool: &str, rows: usize) {
        let (cpu, memory) = (cpu() - self.cpu, status("VmHWM:") - self.resident);
        println!(r#"{{"tool":"{tool}","rows":{rows},"cpu":{cpu:.4},"rss_mib":{memory:.1}}}"#);
    }
}

/// Processor time of the main thread, in seconds; no tool here starts another one.
///
/// The scheduler's own account of it, in `/proc`, is brought up to date only every four milliseconds.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn status(name: &str) -> f64 {
    let status = read_to_string("/proc/self/status").expect("a kernel with /proc");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .expect("the line is always there");
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number of kB");
    kib / 1024.0
}
