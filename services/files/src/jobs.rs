//! What happens without anybody asking.
//!
//! Owns the sweep and the consumer of claims. Never removes a file that was handed in.
//! Start reading at [`sweep`].

use messaging::Consumer;

pub mod file_claimed;
pub mod sweep;

/// Returns the consumers of other services' events.
pub fn consumers() -> Vec<Consumer> {
    vec![file_claimed::consumer()]
}
