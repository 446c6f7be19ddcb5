//! The address of a page and its query: what filters, sorting and paging keep their state in.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::extract::parse_query;

/// Parameters that say which page of a list is shown, not which list.
const PAGING: &[&str] = &["after", "limit"];

/// Returns the value of the query parameter `name` in `address`.
pub(crate) fn parameter(address: &str, name: &str) -> Option<String> {
    pairs(address).into_iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value)
}

/// Returns true when a parameter other than sorting and paging is given.
pub(crate) fn is_filtered(address: &str) -> bool {
    pairs(address).iter().any(|(name, value)| name != "sort" && !PAGING.contains(&name.as_str()) && !value.is_empty())
}

/// Returns `address` with the parameter `name` set, or dropped, and at the first page.
pub(crate) fn with(address: &str, name: &str, value: Option<&str>) -> String {
    let path = address.split('?').next().unwrap_or_default();
    let mut kept = pairs(address);
    kept.retain(|(known, value)| known != name && !PAGING.contains(&known.as_str()) && !value.is_empty());
    kept.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let query: Vec<String> = kept.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

fn pairs(address: &str) -> Vec<(String, String)> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    parse_query(query).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_filters_and_forgets_its_page() {
        let address = "/notes?state=open&after=x&q=rice+field&empty=";
        assert_eq!(with(address, "sort", Some("-title")), "/notes?state=open&q=rice%20field&sort=%2Dtitle");
        assert_eq!(with(address, "state", None), "/notes?q=rice%20field");
        assert_eq!(with("/notes?after=x", "after", None), "/notes");
        assert_eq!(parameter(address, "q").as_deref(), Some("rice field"));
        assert_eq!(parameter(address, "empty"), None);
        assert!(is_filtered(address) && !is_filtered("/notes?sort=a&after=b"));
    }
}
