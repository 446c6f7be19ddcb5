//! Long words cut into pieces, between which a page may break them.

/// Characters of a piece.
const PIECE_CHARS: usize = 16;

/// Returns the pieces of `text` in order; together they are the text.
pub(crate) fn pieces(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(PIECE_CHARS).map(|piece| piece.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_are_the_text() {
        let text = "ບັນຊີຂອງທ່ານ http://localhost/invitation?token=0123456789";
        assert_eq!(pieces(text).concat(), text);
        assert!(pieces(text).iter().all(|piece| piece.chars().count() <= 16));
        assert_eq!(pieces(""), [""; 0]);
    }
}
