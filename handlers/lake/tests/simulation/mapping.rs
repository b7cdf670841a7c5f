//! One poller of an event source mapping: which records are delivered next, and what a failure does.

use crate::world::World;

/// Records in one batch, at most.
const BATCH: u64 = 12;

/// Retries of a batch before it goes to the on-failure destination.
const RETRIES: u32 = 5;

/// A poller with its place in the shard.
pub(crate) struct Poller {
    /// Records before this one are done with.
    position: usize,
    end: usize,
    /// What is left of a batch that was halved, the next piece last.
    pieces: Vec<Piece>,
    /// Where it stood before, newest last.
    checkpoints: Vec<usize>,
}

/// Records that are delivered together.
#[derive(Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) from: usize,
    pub(crate) to: usize,
    tries: u32,
}

impl Piece {
    /// Some of a shard's records, wherever its pollers are.
    pub(crate) fn any(records: usize, world: &World) -> Self {
        let from = world.between(0, records as u64 - 1);
        let to = world.between(from + 1, (from + BATCH).min(records as u64));
        Piece {
            from: from as usize,
            to: to as usize,
            tries: 0,
        }
    }
}

impl Poller {
    pub(crate) fn new(position: usize, end: usize) -> Self {
        Poller {
            position,
            end,
            pieces: Vec::new(),
            checkpoints: vec![position],
        }
    }

    /// One of the last four checkpoints.
    pub(crate) fn stale(&self, world: &World) -> usize {
        let oldest = self.checkpoints.len().saturating_sub(4);
        let choice = world.between(oldest as u64, self.checkpoints.len() as u64 - 1);
        self.checkpoints[choice as usize]
    }

    /// What to deliver now; none when the shard is at its end.
    pub(crate) fn next(&mut self, world: &World) -> Option<Piece> {
        if let Some(piece) = self.pieces.pop() {
            return Some(piece);
        }
        if self.position >= self.end {
            return None;
        }
        let size = world.between(1, BATCH) as usize;
        Some(Piece {
            from: self.position,
            to: self.end.min(self.position + size),
            tries: 0,
        })
    }

    /// The beginning of a piece is done, and the rest comes next.
    pub(crate) fn partly_done(&mut self, piece: Piece, left: usize) {
        let from = piece.to - left;
        self.position = from;
        self.checkpoints.push(from);
        self.pieces.push(Piece {
            from,
            tries: 0,
            ..piece
        });
    }

    pub(crate) fn done(&mut self, piece: Piece, world: &World) {
        self.position = piece.to;
        self.checkpoints.push(piece.to);
        if world.chance(8) {
            // The poller has moved to another host, which knows an older checkpoint.
            self.position = self.stale(world);
            self.pieces.clear();
        }
    }

    /// Gives the piece when it is given up.
    pub(crate) fn failed(&mut self, mut piece: Piece, world: &World) -> Option<Piece> {
        if piece.to - piece.from > 1 && world.chance(70) {
            // Bisecting costs no retry.
            let middle = world.between(piece.from as u64 + 1, piece.to as u64 - 1) as usize;
            self.pieces.push(Piece { from: middle, ..piece });
            self.pieces.push(Piece { to: middle, ..piece });
            return None;
        }
        piece.tries += 1;
        if piece.tries > RETRIES {
            self.position = piece.to;
            return Some(piece);
        }
        self.pieces.push(piece);
        None
    }
}
