//! What was acknowledged, and what is there.

use anyhow::{Context, Result};

use super::writer::WRITERS;
use crate::{installation::Installation, ledger};

/// The highest number that each writer has acknowledged, and what is missing.
#[derive(Debug, Default)]
pub(super) struct Tally {
    highest: [i64; WRITERS],
    /// What was there at the beginning of the round.
    before: [i64; WRITERS],
    acknowledged: u64,
    /// Acknowledged and not there.
    pub(super) lost: u64,
    /// Numbers missing below a later one.
    pub(super) gaps: u64,
    /// There and not acknowledged: in flight when the process died.
    pub(super) unacknowledged: u64,
}

impl Tally {
    /// Begins a round: the writers go on after what is there.
    pub(super) fn begin_round(&mut self) {
        self.highest = self.before;
    }

    /// Returns the writes acknowledged in all rounds.
    pub(super) fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// Reads a line of the writer: its number and the number of the write. A line that the kill cut short counts nothing.
    pub(super) fn acknowledge(&mut self, line: &str) -> Result<()> {
        let Some(line) = line.strip_suffix('.') else { return Ok(()) };
        let (writer, sequence) = line.split_once(' ').with_context(|| format!("`{line}` is no acknowledgement"))?;
        let highest = self.highest.get_mut(writer.parse::<usize>()?).context("no such writer")?;
        *highest = (*highest).max(sequence.parse()?);
        self.acknowledged += 1;
        Ok(())
    }

    /// Compares with what is there.
    pub(super) async fn check(&mut self, installation: &Installation) -> Result<()> {
        for (writer, (highest, before)) in self.highest.iter().zip(&mut self.before).enumerate() {
            let found = ledger::marks(&installation.database, &installation.caller, writer as i64).await?;
            let last = found.last().copied().unwrap_or_default();
            self.gaps += last.saturating_sub(found.len() as i64).unsigned_abs();
            self.lost += (highest - last).max(0).unsigned_abs();
            self.unacknowledged += (last - highest).max(0).unsigned_abs();
            *before = last;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cut_short_acknowledges_nothing() {
        let mut tally = Tally::default();
        tally.acknowledge("3 17.").unwrap();
        tally.acknowledge("3 1").unwrap();
        assert_eq!((tally.highest[3], tally.acknowledged()), (17, 1));
    }
}
