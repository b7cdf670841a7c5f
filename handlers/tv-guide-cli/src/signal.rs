//! Ctrl-C, and a request to terminate.

use anyhow::{Context as _, Result};
use tokio::signal::unix::{SignalKind, signal};

use crate::End;

/// Does a piece of work until it ends, or somebody ends it.
pub(crate) async fn until(work: impl Future<Output = Result<()>>) -> Result<End> {
    let listen = |kind| signal(kind).context("cannot listen for signals");
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    tokio::select! {
        result = work => result.map(|()| End::Done),
        _ = interrupt.recv() => Ok(End::Interrupted),
        _ = terminate.recv() => Ok(End::Interrupted),
    }
}
