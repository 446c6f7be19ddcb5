//! An import as a thing of its own: how it is run, where it is, and how it ended.

use crate::model::words::words;

words! {
    /// What becomes of the good rows when others are refused.
    Mode {
        /// Nothing is written.
        AllOrNothing = "all_or_nothing",
        /// They are written.
        GoodRows = "good_rows",
    }
}

words! {
    /// Where an import is.
    State {
        /// Its files are kept and wait for a decision.
        Staged = "staged",
        /// Being written.
        Running = "running",
        /// Written.
        Done = "done",
        /// Ended without having changed anything.
        Failed = "failed",
    }
}

words! {
    /// How an import ended.
    Outcome {
        /// It was only tried.
        DryRun = "dry_run",
        /// It was written.
        Imported = "imported",
        /// Rows were refused, and all were wanted or none.
        Refused = "refused",
    }
}
