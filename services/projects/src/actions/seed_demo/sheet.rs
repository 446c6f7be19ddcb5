//! A sheet of paper: the smallest PDF that says whose work it stands for.

use std::fmt::Write;

/// Returns a PDF of one page with a title and what it is about; both in ASCII.
pub(super) fn sheet(title: &str, about: &str) -> String {
    let text = format!("BT /F1 20 Tf 72 742 Td ({}) Tj 0 -32 Td /F1 11 Tf ({}) Tj ET", plain(title), plain(about));
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.7\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (number, object) in (1..).zip(&objects) {
        // Writing to a text cannot fail.
        let _ = writeln!(table, "{:010} 00000 n ", file.len());
        let _ = write!(file, "{number} 0 obj\n{object}\nendobj\n");
    }
    let (start, size) = (file.len(), objects.len() + 1);
    let _ = write!(file, "xref\n0 {size}\n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    file
}

/// Leaves out what would end a text in a PDF, and what its plain font does not have.
fn plain(text: &str) -> String {
    text.chars().filter(|c| (c.is_ascii_graphic() || *c == ' ') && !matches!(c, '(' | ')' | '\\')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_at_the_end_says_where_each_object_is() {
        let file = sheet("Thesis (final)", "Bridges");
        let start: usize = file.lines().rev().nth(1).unwrap().parse().unwrap();
        let entries: Vec<&str> = file[start..].lines().skip(3).take(5).collect();
        for (number, entry) in (1..).zip(entries) {
            let at: usize = entry[..10].parse().unwrap();
            assert!(file[at..].starts_with(&format!("{number} 0 obj")), "{number} in {file}");
        }
        assert!(file.contains("(Thesis final)"));
    }
}
